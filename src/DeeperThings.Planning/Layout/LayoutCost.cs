using DeeperThings.Models;

namespace DeeperThings.Planning.Layout;

/// <summary>What the model says about one choice of candidates: objective values as whole numbers.</summary>
internal sealed record LayoutCost(long Nanoseconds, long Bytes, long[] FootprintBytes, int[] LargestPhase)
{
    /// <summary>The cost of <paramref name="choice"/>, a candidate per layer; null where it pairs what is left out.</summary>
    public static LayoutCost? Of(LayoutProblem problem, MemoryModel memory, IReadOnlyList<int> choice)
    {
        long nanoseconds = 0;
        long bytes = 0;
        var live = new long[memory.PhaseCount, problem.Ranks];
        var weights = new long[problem.Ranks];
        for (int layer = 0; layer < problem.Candidates.Length; layer++)
        {
            if (problem.Candidates[layer].Length == 0)
            {
                continue;
            }

            Candidate candidate = problem.Candidates[layer][choice[layer]];
            nanoseconds += candidate.Nanoseconds;
            bytes += candidate.Reduce.Bytes;
            for (int rank = 0; rank < problem.Ranks; rank++)
            {
                weights[rank] += candidate.WeightsBytes[rank];
            }

            foreach (Alive alive in memory.OfUse(layer, candidate))
            {
                Add(alive);
            }
        }

        var growth = new Dictionary<int, Alive>();
        foreach (MapEdge edge in problem.Edges)
        {
            int own = problem.OwnOf(edge, choice);
            int need = problem.NeedOf(edge, choice);
            if (edge.Costs[own, need] is not { } cost)
            {
                return null;
            }

            if (edge.Producer == Network.Input && edge.Earlier.IsEmpty)
            {
                Add(memory.OfInput(edge.Own[own]));
            }

            foreach (Alive inPlace in memory.OfReadingInPlace(edge, edge.Own[own], edge.Need[need], cost))
            {
                Add(inPlace);
            }

            growth[edge.Producer] = Larger(memory.OfGrowth(edge, cost), growth.GetValueOrDefault(edge.Producer));
            if (problem.IsServed(edge, choice))
            {
                foreach (Alive keeping in memory.OfKeeping(edge, edge.Need[need], cost))
                {
                    Add(keeping);
                }

                continue;
            }

            nanoseconds += cost.Nanoseconds;
            bytes += cost.Bytes;
            foreach (Alive alive in memory.OfDelivery(edge, edge.Need[need], cost))
            {
                Add(alive);
            }
        }

        foreach (Alive alive in growth.Values)
        {
            Add(alive);
        }

        var largest = new int[problem.Ranks];
        for (int rank = 0; rank < problem.Ranks; rank++)
        {
            for (int phase = 1; phase < memory.PhaseCount; phase++)
            {
                if (live[phase, rank] > live[largest[rank], rank])
                {
                    largest[rank] = phase;
                }
            }
        }

        return new(nanoseconds, bytes, [.. weights.Select((own, rank) => own + live[largest[rank], rank])], largest);

        void Add(Alive alive)
        {
            for (int phase = alive.First; phase <= alive.Last; phase++)
            {
                for (int rank = 0; rank < alive.Bytes.Length; rank++)
                {
                    live[phase, rank] += alive.Bytes[rank];
                }
            }
        }
    }

    private static Alive Larger(Alive a, Alive b) => b.Bytes is null ? a : a with { Bytes = [.. a.Bytes.Zip(b.Bytes, Math.Max)] };
}
