using DeeperThings.Planning.Layout;

namespace DeeperThings.Planning.Tests;

/// <summary>All plans of a problem, and how they compare.</summary>
internal static class BruteForce
{
    public static long Combinations(LayoutProblem problem) => problem.Candidates.Aggregate(1L, (product, candidates) => product * Math.Max(1, candidates.Length));

    public static IEnumerable<int[]> AllChoices(LayoutProblem problem)
    {
        int[] counts = [.. problem.Candidates.Select(candidates => Math.Max(1, candidates.Length))];
        var choice = new int[counts.Length];
        while (true)
        {
            yield return choice;
            int layer = 0;
            while (layer < counts.Length && ++choice[layer] == counts[layer])
            {
                choice[layer++] = 0;
            }

            if (layer == counts.Length)
            {
                yield break;
            }
        }
    }

    public static long[] Limits(List<LayoutCost> all, Random random, int ranks)
    {
        if (random.Next(2) == 0)
        {
            return [.. Enumerable.Repeat(IntegerProgram.Infinity, ranks)];
        }

        long least = all.Min(cost => cost.FootprintBytes.Max());
        long most = all.Max(cost => cost.FootprintBytes.Max());
        long limit = (long)((least * 0.95) + (random.NextDouble() * random.NextDouble() * (most - least)));
        return [.. Enumerable.Range(0, ranks).Select(_ => random.Next(3) == 0 ? limit * 3 / 4 : limit)];
    }

    public static (long First, long Second, long Third) Key(LayoutCost cost, Objective objective)
    {
        long footprint = cost.FootprintBytes.Max();
        return objective switch
        {
            Objective.Latency => (cost.Nanoseconds, cost.Bytes, footprint),
            Objective.Communication => (cost.Bytes, cost.Nanoseconds, footprint),
            _ => (footprint, cost.Nanoseconds, cost.Bytes),
        };
    }
}
