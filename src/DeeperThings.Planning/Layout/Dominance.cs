namespace DeeperThings.Planning.Layout;

/// <summary>
/// Which ways to run a layer, or a streamed stack as a whole, others can stand for in every plan as long as only some objectives count: the same layers,
/// the same needs, the same regions afterwards, not more memory in any phase, and nowhere worse in what counts. What a smaller workspace or lower strips cost is
/// of no interest while bytes are minimised, and what they save is of none where another one saves as much.
/// </summary>
internal sealed class Dominance
{
    private readonly Way[][] _alike;

    public Dominance(LayoutProblem problem, MemoryModel memory)
    {
        IEnumerable<(int Layer, int Candidate)> all = problem.Candidates.SelectMany((candidates, layer) => candidates.Select((_, candidate) => (layer, candidate)));
        _alike = [.. all.GroupBy(member => StackOf(problem.Candidates[member.Layer][member.Candidate]))
            .Select(members => new Way([.. members], problem, memory))
            .GroupBy(way => way.Interface)
            .Select(ways => ways.ToArray())
            .Where(ways => ways.Length > 1)];

        // A stack of one layer has no number.
        static object StackOf(Candidate candidate) => candidate.Stack.Layers.Length > 1 ? candidate.Stack : candidate;
    }

    /// <summary>Pairs of ways: layer by layer the first's candidate, and the one that stands for it. None of the second is also a first.</summary>
    /// <param name="seconds">Whether <see cref="Objective.Latency"/> counts.</param>
    /// <param name="bytes">Whether <see cref="Objective.Communication"/> counts.</param>
    public IEnumerable<((int Layer, int Candidate)[] Members, (int Layer, int Candidate)[] StandIns)> Pairs(bool seconds, bool bytes)
    {
        foreach (Way[] ways in _alike)
        {
            var kept = new List<Way>();
            foreach (Way way in ways)
            {
                if (!kept.Any(other => other.Dominates(way, seconds, bytes)))
                {
                    kept.RemoveAll(other => way.Dominates(other, seconds, bytes));
                    kept.Add(way);
                }
            }

            foreach (Way way in ways.Except(kept))
            {
                yield return (way.Members, kept.First(other => other.Dominates(way, seconds, bytes)).Members);
            }
        }
    }

    private sealed class Way
    {
        private readonly long _nanoseconds;
        private readonly long _bytes;
        private readonly long[] _weights;
        private readonly long[,] _live;

        public Way((int Layer, int Candidate)[] members, LayoutProblem problem, MemoryModel memory)
        {
            Members = members;
            Candidate[] candidates = [.. members.Select(member => problem.Candidates[member.Layer][member.Candidate])];
            (int first, int last) = memory.PhasesOf(members[0].Layer, members[^1].Layer);
            Interface = (members[0].Layer, members[^1].Layer, string.Join(' ', candidates[0].Needs.Append(candidates[^1].Own).Select(set => set.Number)));
            _nanoseconds = candidates.Sum(candidate => candidate.Nanoseconds);
            _bytes = candidates.Sum(candidate => candidate.Reduce.Bytes);
            _weights = [.. Enumerable.Range(0, problem.Ranks).Select(rank => candidates.Sum(candidate => candidate.WeightsBytes[rank]))];
            _live = new long[last - first + 1, problem.Ranks];
            foreach (Alive alive in members.SelectMany((member, position) => memory.OfUse(member.Layer, candidates[position])))
            {
                for (int phase = Math.Max(first, alive.First); phase <= Math.Min(last, alive.Last); phase++)
                {
                    for (int rank = 0; rank < problem.Ranks; rank++)
                    {
                        _live[phase - first, rank] += alive.Bytes[rank];
                    }
                }
            }
        }

        public (int Layer, int Candidate)[] Members { get; }

        /// <summary>What the layers in front and behind know of it. What is alive after its last phase follows from what it owns.</summary>
        public (int First, int Last, string Regions) Interface { get; }

        public bool Dominates(Way other, bool seconds, bool bytes) =>
            (!seconds || _nanoseconds <= other._nanoseconds)
            && (!bytes || _bytes <= other._bytes)
            && NotMore(_weights, other._weights)
            && NotMore(_live, other._live);

        private static bool NotMore(System.Collections.IEnumerable bytes, System.Collections.IEnumerable others) =>
            bytes.Cast<long>().Zip(others.Cast<long>()).All(pair => pair.First <= pair.Second);
    }
}
