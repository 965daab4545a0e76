using System.Diagnostics;
using DeeperThings.Partitioning;

namespace DeeperThings.Planning.Layout;

/// <summary>
/// Makes a relaxation tighter: as long as it mixes ways to run a layer, the plans are parted by whether they run that layer like most of it or not. Every plan is in
/// one of the parts, so the least of their bounds is one for all; and a variable costs at least what it costs in the cheapest part that has it.
/// </summary>
/// <param name="relaxation">Of the program.</param>
/// <param name="countsFootprint">Whether the largest footprint counts, beside the limits.</param>
/// <param name="seconds">That all of it may take.</param>
internal sealed class Branching(LayoutProgram layout, LinearRelaxation relaxation, bool countsFootprint, double seconds)
{
    private const double Fraction = 1e-6;
    private const double LeastSeconds = 0.01;

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    private double SecondsLeft => seconds - _clock.Elapsed.TotalSeconds;

    /// <summary>Relaxations that were solved.</summary>
    public int Parts { get; private set; }

    /// <param name="root">Of all plans.</param>
    /// <param name="value">Parts that cost as much are of no interest; it may fall by what <paramref name="found"/> sees.</param>
    /// <param name="found">Is given each integral solution, and tells the least value known.</param>
    public Relaxed Tighten(Relaxed root, double value, Func<Relaxed, double> found)
    {
        var open = new PriorityQueue<Part, double>();
        var parts = new List<Part>();
        open.Enqueue(new([], root), root.Bound);
        while (open.TryPeek(out Part? part, out double bound) && bound < value && SecondsLeft > LeastSeconds)
        {
            open.Dequeue();
            if (Mixed(part.Relaxed.Values) is not { } split)
            {
                value = Math.Min(value, found(part.Relaxed));
                parts.Add(part);
                continue;
            }

            foreach (int[] without in new[] { split.Others, split.Most })
            {
                Part next = Solve(part, without);
                if (next.Relaxed.Bound < double.PositiveInfinity)
                {
                    open.Enqueue(next, next.Relaxed.Bound);
                }
            }
        }

        return Union([.. parts, .. open.UnorderedItems.Select(item => item.Element)], root);
    }

    /// <summary>A part of <paramref name="whole"/>; its bound is that of the whole where time does not suffice.</summary>
    private Part Solve(Part whole, int[] without)
    {
        int[] all = [.. whole.Without, .. without];
        while (true)
        {
            Parts++;
            Relaxed? relaxed = relaxation.SolveWithout(all, Math.Max(LeastSeconds, SecondsLeft));
            if (relaxed is null)
            {
                return new(all, whole.Relaxed with { Bound = double.PositiveInfinity });
            }

            if (!relaxed.IsComplete)
            {
                return new(all, whole.Relaxed);
            }

            if (SecondsLeft < LeastSeconds || !layout.AddViolatedRows(relaxed.Values, countsFootprint, LinearRelaxation.Tolerance))
            {
                return new(all, relaxed);
            }
        }
    }

    /// <summary>The layer that is mixed most, the heaviest first, parted by strategy, or else by tiles, or else by candidate.</summary>
    private (int[] Most, int[] Others)? Mixed(double[] values)
    {
        Candidate[][] all = layout.Problem.Candidates;
        foreach (Func<int, Candidate, object> kindOf in (Func<int, Candidate, object>[])[
            (_, candidate) => (candidate.Plan.Strategy, candidate.Plan.Output is OnRoot),
            (_, candidate) => (candidate.Plan.Strategy, candidate.Own),
            (number, _) => number])
        {
            (int[] Most, int[] Others)? best = null;
            double most = 0;
            for (int layer = 0; layer < all.Length; layer++)
            {
                Candidate[] candidates = all[layer];
                var kinds = Enumerable.Range(0, candidates.Length).GroupBy(number => kindOf(number, candidates[number]))
                    .Select(kind => (Variables: kind.Select(number => layout.Use(layer, number)).ToArray(), Part: kind.Sum(number => values[layout.Use(layer, number)])))
                    .OrderByDescending(kind => kind.Part).ToArray();
                if (kinds.Length < 2 || kinds[1].Part < Fraction)
                {
                    continue;
                }

                double score = Math.Min(kinds[0].Part, 1 - kinds[0].Part) * (1 + candidates.Max(candidate => candidate.WeightsBytes.Max() + candidate.OwnBytes.Max()));
                if (score > most)
                {
                    most = score;
                    best = (kinds[0].Variables, [.. kinds.Skip(1).SelectMany(kind => kind.Variables)]);
                }
            }

            if (best is not null)
            {
                return best;
            }
        }

        return null;
    }

    private static Relaxed Union(List<Part> parts, Relaxed root)
    {
        if (parts.Count == 0)
        {
            return root;
        }

        double bound = Math.Max(root.Bound, parts.Min(part => part.Relaxed.Bound));
        double[] costs = [.. Enumerable.Repeat(double.PositiveInfinity, root.ReducedCosts.Length)];
        foreach (Part part in parts)
        {
            var isOut = new bool[costs.Length];
            foreach (int variable in part.Without)
            {
                isOut[variable] = true;
            }

            for (int variable = 0; variable < costs.Length; variable++)
            {
                if (!isOut[variable])
                {
                    costs[variable] = Math.Min(costs[variable], part.Relaxed.Bound + Math.Max(0, part.Relaxed.ReducedCosts[variable]) - bound);
                }
            }
        }

        return root with { Bound = bound, Values = parts.MinBy(part => part.Relaxed.Bound)!.Relaxed.Values, ReducedCosts = costs };
    }

    private sealed record Part(int[] Without, Relaxed Relaxed);
}
