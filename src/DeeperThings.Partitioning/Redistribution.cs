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

    /// <summary>The same where the root has the whole map and is the only one that sends.</summary>
    public static List<Transfer> FromRoot(IReadOnlyList<Region> own, IReadOnlyList<Region> need)
    {
        var transfers = new List<Transfer>();
        for (int to = 1; to < need.Count; to++)
        {
            var missing = new List<Region>();
            need[to].Subtract(own[to], missing);
            transfers.AddRange(missing.Where(box => !box.IsEmpty).Select(box => new Transfer(Partition.Root, to, box)));
        }

        return transfers;
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
