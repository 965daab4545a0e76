using DeeperThings.Partitioning;

namespace DeeperThings.Clusters;

/// <summary>What was measured on one host.</summary>
public sealed record HostSamples
{
    public required string Name { get; init; }

    public required int VectorFloats { get; init; }

    /// <summary>Parts of layers, and the seconds that each took.</summary>
    public required IReadOnlyList<(LayerWork Work, double Seconds)> Samples { get; init; }

    public required long MemoryBytes { get; init; }

    /// <summary>That its link sends; 0 where there is only one host.</summary>
    public required double LinkBytesPerSecond { get; init; }

    /// <inheritdoc cref="HostProfile.ReceiveBytesPerSecond"/>
    public double? ReceiveBytesPerSecond { get; init; }

    /// <inheritdoc cref="HostProfile.Duplex"/>
    public double? Duplex { get; init; }

    public required double LatencySeconds { get; init; }

    public required double JitterSeconds { get; init; }

    public required double CopySecondsPerByte { get; init; }
}

/// <summary>Finds the costs of a device's kernels from measured seconds: the non-negative ones whose relative errors have the least sum of squares.</summary>
public static class Calibration
{
    private const int Sweeps = 5000;

    /// <summary>The profile of a host.</summary>
    public static HostProfile Host(HostSamples host)
    {
        (LayerWork Work, double Seconds)[] direct = [.. host.Samples.Where(sample => !sample.Work.IsWinograd)];
        (LayerWork Work, double Seconds)[] winograd = [.. host.Samples.Where(sample => sample.Work.IsWinograd)];
        double memory = OfKind(LayerKind.FullyConnected).Max(sample => sample.Work.WeightCount * sizeof(float) / sample.Seconds);
        return new()
        {
            Name = host.Name,
            FlopsPerSecond = new()
            {
                Convolution3x3 = Speed(OfKind(LayerKind.Convolution3x3)),
                Convolution1x1 = Speed(OfKind(LayerKind.Convolution1x1)),
                OtherConvolution = Speed(OfKind(LayerKind.OtherConvolution)),
                FullyConnected = Speed(OfKind(LayerKind.FullyConnected)),
                Elementwise = Speed(OfKind(LayerKind.Elementwise)),
            },
            MemoryBytes = host.MemoryBytes,
            MemoryBytesPerSecond = memory,
            LinkBytesPerSecond = host.LinkBytesPerSecond > 0 ? host.LinkBytesPerSecond : memory,
            ReceiveBytesPerSecond = host.ReceiveBytesPerSecond,
            Duplex = host.Duplex,
            LatencySeconds = host.LatencySeconds,
            WinogradGain = Speed(winograd) / Speed(OfKind(LayerKind.Convolution3x3).Where(sample => winograd.Any(other => other.Work.Region == sample.Work.Region && other.Work.Channels == sample.Work.Channels))),
            JitterSeconds = host.JitterSeconds,
            CopySecondsPerByte = host.CopySecondsPerByte,
            Kernels = new()
            {
                VectorFloats = host.VectorFloats,
                Convolution3x3 = Fit(OfKind(LayerKind.Convolution3x3), host.VectorFloats),
                Convolution1x1 = Fit(OfKind(LayerKind.Convolution1x1), host.VectorFloats),
                OtherConvolution = Fit(OfKind(LayerKind.OtherConvolution), host.VectorFloats),
                Winograd = Fit(winograd, host.VectorFloats),
                FullyConnected = Fit(OfKind(LayerKind.FullyConnected), host.VectorFloats),
                Elementwise = Fit(OfKind(LayerKind.Elementwise), host.VectorFloats),
            },
        };

        (LayerWork Work, double Seconds)[] OfKind(LayerKind kind) => [.. direct.Where(sample => LayerKinds.KindOf(sample.Work.Layer) == kind)];

        static double Speed(IEnumerable<(LayerWork Work, double Seconds)> samples) => samples.Sum(sample => sample.Work.Flops) / samples.Sum(sample => sample.Seconds);
    }

    /// <param name="samples">Parts of layers, and the seconds that each took.</param>
    /// <param name="lanes">Floats of the device's vectors.</param>
    public static KernelCosts Fit(IReadOnlyList<(LayerWork Work, double Seconds)> samples, int lanes)
    {
        double[][] rows = [.. samples.Select(sample => QuantitiesOf(sample.Work, lanes).Select(quantity => quantity / sample.Seconds).ToArray())];
        double[] costs = NonNegativeLeastSquares(rows);
        return new() { SecondsPerFlop = costs[0], SecondsPerGathered = costs[1], SecondsPerWeight = costs[2], SecondsPerMapByte = costs[3], SecondsPerCall = costs[4] };
    }

    private static double[] QuantitiesOf(LayerWork work, int lanes) => [work.BlockedFlops(lanes), work.Gathered(lanes), work.WeightsRead, work.MapBytes, 1];

    /// <summary>x ≥ 0 with the least Σ (Σ_j rows[i][j]·x[j] - 1)², one coordinate after the other.</summary>
    private static double[] NonNegativeLeastSquares(double[][] rows)
    {
        int count = rows[0].Length;
        double[] scale = [.. Enumerable.Range(0, count).Select(j => rows.Max(row => row[j]) is var most and > 0 ? most : 1)];
        double[] x = new double[count];
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            for (int j = 0; j < count; j++)
            {
                double gradient = 0;
                double curvature = 0;
                foreach (double[] row in rows)
                {
                    double a = row[j] / scale[j];
                    gradient += a * (1 - row.Zip(x, scale).Sum(term => term.First / term.Third * term.Second));
                    curvature += a * a;
                }

                x[j] = curvature > 0 ? Math.Max(0, x[j] + (gradient / curvature)) : 0;
            }
        }

        return [.. x.Zip(scale, (value, most) => value / most)];
    }
}
