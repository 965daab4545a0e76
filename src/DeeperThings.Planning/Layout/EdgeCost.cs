using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Tensors;

namespace DeeperThings.Planning.Layout;

/// <summary>
/// What it takes that every rank comes from what it owns of a map to what it needs of it. Bytes are those of <see cref="Redistribution"/>; the memory follows
/// the rules of <see cref="Lowering"/> for one delivery of the map.
/// </summary>
internal sealed class EdgeCost
{
    public EdgeCost(RegionSet own, RegionSet need, ClusterProfile cluster)
    {
        int ranks = own.Regions.Length;
        Staging = new long[ranks];
        Growth = new long[ranks];
        Target = new long[ranks];
        Kept = new long[ranks];
        Overwritten = new bool[ranks];
        Region whole = own.Regions.Aggregate(Region.Empty, (hull, region) => hull.Hull(region));
        MovesNothing = own.Covers(need);
        var stored = new Region[ranks];
        var target = new Region[ranks];
        var local = new long[ranks];
        for (int rank = 0; rank < ranks; rank++)
        {
            Region hull = own[rank].Hull(need[rank]);
            stored[rank] = !own[rank].IsEmpty && hull.Count < 2 * own[rank].Count ? hull : own[rank];
            bool inPlace = stored[rank].Contains(need[rank]);
            target[rank] = inPlace ? stored[rank] : need[rank];
            local[rank] = inPlace ? 0 : own[rank].Intersect(need[rank]).Bytes;
            Kept[rank] = !inPlace || need[rank].IsEmpty ? 0 : Arena.Align((own[rank].Contains(need[rank]) && Lowering.IsShrunk(stored[rank], need[rank]) ? need[rank] : stored[rank]).Bytes);
            Overwritten[rank] = own[rank] == need[rank] || need[rank] == whole;
            Growth[rank] = Arena.Align(stored[rank].Bytes) - Arena.Align(own[rank].Bytes);
            Target[rank] = inPlace ? 0 : Arena.Align(need[rank].Bytes);
        }

        if (MovesNothing)
        {
            return;
        }

        List<Transfer> transfers = Redistribution.Between(own.Regions, need.Regions);
        TransferCost cost = TransferCost.Of(transfers, cluster, stored, target, local, whole.Columns, own.Wire);
        Nanoseconds = cost.Nanoseconds;
        Bytes = cost.Bytes;
        Staging = Partitioning.Staging.AtATime(transfers, stored, target, whole.Columns, own.Wire);
    }

    public bool MovesNothing { get; }

    public long Nanoseconds { get; }

    public long Bytes { get; }

    /// <summary>Per rank: bytes to pack and unpack messages, at a time.</summary>
    public long[] Staging { get; }

    /// <summary>Per rank: bytes by which the owned map is stored larger, so that what is received has room in it.</summary>
    public long[] Growth { get; }

    /// <summary>Per rank: bytes of a buffer of its own for the need.</summary>
    public long[] Target { get; }

    /// <summary>Per rank: bytes of the owned map that are kept for the consumer, if it is the last one; 0 where it does not read the owned map itself.</summary>
    public long[] Kept { get; }

    /// <summary>Per rank: whether a layer that can be computed in the memory of what it reads is stored as that is.</summary>
    public bool[] Overwritten { get; }
}
