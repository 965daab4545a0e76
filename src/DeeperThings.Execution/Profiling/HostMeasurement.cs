namespace DeeperThings.Execution.Profiling;

/// <summary>What was measured on one host; times are seconds on the clock of a host that computes without pause.</summary>
public sealed record HostMeasurement
{
    public required string Host { get; init; }

    /// <summary>Threads that compute.</summary>
    public required int Threads { get; init; }

    /// <summary>Floats of a vector of the kernels.</summary>
    public required int VectorFloats { get; init; }

    /// <summary>Share of the time in which the host's thread really ran: less than 1 under a limit, or where ranks share cores.</summary>
    public required double ProcessorShare { get; init; }

    /// <summary>Of each of <see cref="SampleLayers.All"/>.</summary>
    public required double[] LayerSeconds { get; init; }

    public required double CopySecondsPerByte { get; init; }

    /// <summary>That this rank may use.</summary>
    public required long MemoryBytes { get; init; }

    public required LinkMeasurement Link { get; init; }

    /// <summary>By how much an exchange of small messages after some computing takes longer than both alone: the ranks wait for the last one.</summary>
    public required double JitterSeconds { get; init; }
}
