namespace DeeperThings.Partitioning;

/// <summary>Which way feature maps go from rank to rank.</summary>
public enum ScheduleKind
{
    /// <summary>Straight from the rank that owns a region to the one that needs it.</summary>
    Peers,

    /// <summary>
    /// Through the root, as in the paper, whose data source stands in the middle of a star: every rank's part of a map goes to the root, and the root sends
    /// every rank what it needs and does not own. Nothing moves where every rank already owns what it needs.
    /// </summary>
    Star,
}
