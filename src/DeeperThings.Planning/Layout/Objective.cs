namespace DeeperThings.Planning.Layout;

/// <summary>What a plan is to minimise; ties are broken by the other two in this order.</summary>
public enum Objective
{
    /// <summary>Predicted seconds per inference.</summary>
    Latency,

    /// <summary>Bytes that move per inference.</summary>
    Communication,

    /// <summary>Largest footprint of a rank.</summary>
    Footprint,
}
