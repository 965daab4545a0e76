namespace DeeperThings.Partitioning;

/// <summary>
/// How exchanges in rounds, and convolutions that read nothing of the messages, overlap in time on a rank. Each rank decides for itself: what is sent and
/// computed is the same.
/// </summary>
public enum Overlap
{
    /// <summary>Where the arena grows by no byte and little more is computed.</summary>
    WhereItPays,

    /// <summary>One round after the other, and all of them before anything is computed.</summary>
    Never,

    /// <summary>All rounds of all exchanges, and all that can be computed before they end.</summary>
    WherePossible,
}
