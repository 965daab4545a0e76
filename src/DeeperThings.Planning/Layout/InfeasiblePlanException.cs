namespace DeeperThings.Planning.Layout;

/// <summary>No plan keeps every rank's footprint under its limit. The message is one line.</summary>
public sealed class InfeasiblePlanException : Exception
{
    /// <param name="rank">The rank that lacks most, in the plan that lacks least.</param>
    /// <param name="layer">Name of the layer at which it does.</param>
    public InfeasiblePlanException(int rank, string layer, long limitBytes, long bytesLacking, long smallestFeasibleLimitBytes)
        : base($"no plan fits: rank {rank} lacks {bytesLacking:N0} bytes at layer {layer} under its limit of {limitBytes:N0}; the smallest feasible limit is {smallestFeasibleLimitBytes:N0} bytes")
    {
        Rank = rank;
        Layer = layer;
        LimitBytes = limitBytes;
        BytesLacking = bytesLacking;
        SmallestFeasibleLimitBytes = smallestFeasibleLimitBytes;
    }

    public InfeasiblePlanException()
    {
    }

    public InfeasiblePlanException(string message)
        : base(message)
    {
    }

    public InfeasiblePlanException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public int Rank { get; }

    public string Layer { get; } = string.Empty;

    public long LimitBytes { get; }

    public long BytesLacking { get; }

    /// <summary>A limit for that rank under which there is a plan.</summary>
    public long SmallestFeasibleLimitBytes { get; }
}
