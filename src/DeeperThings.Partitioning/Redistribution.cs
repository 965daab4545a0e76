using System.Collections.Immutable;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>A box that moves from one rank to another.</summary>
public readonly record struct Transfer(int From, int To, Region Region);

/// <summary>
/// What must move so that every rank has what it needs. For each cell that a rank needs and does not own there is one copy from
/// one owner: the nearest rank that owns it, the lower one of two equally near. Halo exchange, allgather, all-to-all, scatter,
/// gather and broadcast are all this one rule.
/// </summary>
public static class Redistribution
{
    /// <summary>Channels of a box that are sent as messages of their own, at most.</summary>
    private const int MostRuns = 4;

    /// <param name="own">Region that each rank owns; together they cover what is needed.</param>
    /// <param name="need">Region that each rank needs.</param>
    /// <exception cref="PlanException">A needed cell has no owner.</exception>
    public static List<Transfer> Between(IReadOnlyList<Region> own, IReadOnlyList<Region> need)
    {
        var transfers = new List<Transfer>();
        for (int to = 0; to < need.Count; to++)
        {
            if (!own[to].Contains(need[to]))
            {
                Receive(own, need[to], to, transfers);
            }
        }

        return transfers;
    }

    /// <summary>
    /// The messages that carry <paramref name="transfers"/>: one for each pair of ranks, but one for each channel where a pair's only box has few channels and
    /// all columns: rows of an image, which are then sent from and received in their place.
    /// </summary>
    /// <param name="columns">All columns of the map.</param>
    public static IEnumerable<(int From, int To, ImmutableArray<Region> Pieces)> Messages(IEnumerable<Transfer> transfers, Interval columns)
    {
        foreach (IGrouping<(int From, int To), Transfer> pair in transfers.GroupBy(transfer => (transfer.From, transfer.To)))
        {
            ImmutableArray<Region> pieces = [.. pair.Select(transfer => transfer.Region)];
            if (pieces.Length == 1 && pieces[0].Channels.Length <= MostRuns && pieces[0].Columns == columns)
            {
                for (int channel = pieces[0].Channels.Start; channel < pieces[0].Channels.End; channel++)
                {
                    yield return (pair.Key.From, pair.Key.To, [pieces[0] with { Channels = new(channel, channel + 1) }]);
                }
            }
            else
            {
                yield return (pair.Key.From, pair.Key.To, pieces);
            }
        }
    }

    private static void Receive(IReadOnlyList<Region> own, Region need, int to, List<Transfer> transfers)
    {
        var missing = new List<Region>();
        need.Subtract(own[to], missing);
        foreach (int from in ByDistance(to, own.Count))
        {
            var rest = new List<Region>();
            foreach (Region box in missing)
            {
                Region common = box.Intersect(own[from]);
                if (!common.IsEmpty)
                {
                    transfers.Add(new(from, to, common));
                }

                box.Subtract(own[from], rest);
            }

            missing = rest;
            if (missing.Count == 0)
            {
                return;
            }
        }

        throw new PlanException($"rank {to} needs {missing[0]}, which no rank owns");
    }

    private static IEnumerable<int> ByDistance(int rank, int ranks)
    {
        for (int distance = 1; distance < ranks; distance++)
        {
            if (rank - distance >= 0)
            {
                yield return rank - distance;
            }

            if (rank + distance < ranks)
            {
                yield return rank + distance;
            }
        }
    }
}
