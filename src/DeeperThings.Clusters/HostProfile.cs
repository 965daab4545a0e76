namespace DeeperThings.Clusters;

/// <summary>Floating-point operations per second, by kind of layer.</summary>
public sealed record KindSpeeds
{
    public required double Convolution3x3 { get; init; }

    public required double Convolution1x1 { get; init; }

    public required double OtherConvolution { get; init; }

    public required double FullyConnected { get; init; }

    public required double Elementwise { get; init; }

    /// <summary>The same speed for every kind.</summary>
    public static KindSpeeds Uniform(double flopsPerSecond) => new()
    {
        Convolution3x3 = flopsPerSecond,
        Convolution1x1 = flopsPerSecond,
        OtherConvolution = flopsPerSecond,
        FullyConnected = flopsPerSecond,
        Elementwise = flopsPerSecond,
    };

    public double Of(LayerKind kind) => kind switch
    {
        LayerKind.Convolution3x3 => Convolution3x3,
        LayerKind.Convolution1x1 => Convolution1x1,
        LayerKind.OtherConvolution => OtherConvolution,
        LayerKind.FullyConnected => FullyConnected,
        _ => Elementwise,
    };
}

/// <summary>What one device can do.</summary>
public sealed record HostProfile
{
    public required string Name { get; init; }

    public required KindSpeeds FlopsPerSecond { get; init; }

    /// <summary>Memory that a rank may use for weights and arena.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>What bounds a fully-connected layer, which reads each weight once.</summary>
    public required double MemoryBytesPerSecond { get; init; }

    /// <summary>That its link sends, and receives where <see cref="ReceiveBytesPerSecond"/> says nothing else.</summary>
    public required double LinkBytesPerSecond { get; init; }

    public double? ReceiveBytesPerSecond { get; init; }

    /// <summary>
    /// How many times what it carries in one direction it carries in both at once, from 1 to 2: 2 where the directions do not hinder each other, and where nothing is said;
    /// 1 where they share a radio, or a processor that is busy with messages.
    /// </summary>
    public double? Duplex { get; init; }

    /// <summary>Added to each message.</summary>
    public required double LatencySeconds { get; init; }

    /// <summary>How many times faster Winograd computes a 3×3 convolution, counted as direct; where nothing is said, nor <see cref="Kernels"/>, it is not used.</summary>
    public double? WinogradGain { get; init; }

    /// <summary>
    /// By how much the time of computing between two exchanges varies, evenly from none to this; ranks that exchange wait for the last one. 0 where nothing is said.
    /// </summary>
    public double? JitterSeconds { get; init; }

    /// <summary>Seconds to pack or unpack a byte of a message; 0 where nothing is said.</summary>
    public double? CopySecondsPerByte { get; init; }

    /// <summary>What computing takes, in more detail than <see cref="FlopsPerSecond"/>, which then only decides how layers are split.</summary>
    public KernelProfile? Kernels { get; init; }

    /// <summary>Seconds in which its link sends and receives so much at the same time.</summary>
    public double LinkSeconds(double bytesSent, double bytesReceived)
    {
        double sending = bytesSent / LinkBytesPerSecond;
        double receiving = bytesReceived / (ReceiveBytesPerSecond ?? LinkBytesPerSecond);
        return Math.Max(Math.Max(sending, receiving), (sending + receiving) / (Duplex ?? 2));
    }
}
