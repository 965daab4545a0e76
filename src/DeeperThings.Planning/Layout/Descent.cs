using System.Diagnostics;
using DeeperThings.Models;
using DeeperThings.Partitioning;

namespace DeeperThings.Planning.Layout;

/// <summary>
/// Looks for a good choice of candidates without proof, so that the exact search starts with something and can rule out more. It goes down from one choice to
/// a better one that differs in one layer, in a layer and one of its producers, or in a run of layers that are all split alike. First the bytes above the
/// limits count, then the objective. A change touches only the layer and the maps that it reads and writes, and only these are counted again.
/// </summary>
internal sealed class Descent
{
    private const long LeftOut = 1L << 50;
    private const int NearShare = 8;

    private readonly LayoutProblem _problem;
    private readonly MemoryModel _memory;
    private readonly IReadOnlyList<long> _limits;
    private readonly Objective? _objective;
    private readonly int[] _layers;
    private readonly int[][] _ownOf;
    private readonly int[][] _needOf;
    private readonly Alive[][][] _alive;
    private readonly MapEdge[][] _edgesOf;
    private readonly int[][] _mapsOf;
    private readonly (int Layer, int Candidate)[][] _stacks;
    private readonly int[][] _plainOf;
    private readonly int[] _choice;
    private readonly long[,] _live;
    private readonly long[] _weights;
    private readonly bool[] _isTouched;
    private readonly List<int> _touched = [];
    private long _nanoseconds;
    private long _bytes;
    private int _leftOut;

    /// <param name="limits">Per rank.</param>
    /// <param name="objective">null for the bytes by which a limit is exceeded.</param>
    public Descent(LayoutProblem problem, MemoryModel memory, IReadOnlyList<long> limits, Objective? objective)
    {
        _problem = problem;
        _memory = memory;
        _limits = limits;
        _objective = objective;
        int count = problem.Candidates.Length;
        _layers = [.. Enumerable.Range(0, count).Where(layer => problem.Candidates[layer].Length > 0)];
        _ownOf = [.. problem.Edges.Select(edge => edge.Producer == Network.Input ? [0] : Positions(problem.Candidates[edge.Producer].Select(candidate => candidate.Own), edge.Own))];
        _needOf = [.. problem.Edges.Select(edge => edge.Consumer == count ? [0] : Positions(problem.Candidates[edge.Consumer].Select(candidate => candidate.Needs[edge.Input]), edge.Need))];
        _alive = [.. problem.Candidates.Select((candidates, layer) => candidates.Select(candidate => memory.OfUse(layer, candidate).ToArray()).ToArray())];

        // Position 0 is the network's input.
        var byProducer = problem.Edges.ToLookup(edge => edge.Producer);
        _edgesOf = [.. Enumerable.Range(-1, count + 1).Select(producer => byProducer[producer < 0 ? Network.Input : producer].ToArray())];
        _mapsOf = [.. Enumerable.Range(0, count).Select(layer => problem.Edges.Where(edge => edge.Consumer == layer).Select(edge => MapOf(edge.Producer)).Append(layer + 1).Distinct().ToArray())];
        _stacks = [.. _layers.SelectMany(layer => Enumerable.Range(0, problem.Candidates[layer].Length).Where(candidate => IsStreamed(layer, candidate)).Select(candidate => (Layer: layer, Candidate: candidate)))
            .GroupBy(member => problem.Candidates[member.Layer][member.Candidate].Stack.Number).Select(stack => stack.ToArray())];
        _plainOf = [.. Enumerable.Range(0, count).Select(layer => problem.Candidates[layer].Length == 0 ? [] : PlainOf(layer))];
        _choice = new int[count];
        _live = new long[memory.PhaseCount, problem.Ranks];
        _weights = new long[problem.Ranks];
        _isTouched = new bool[count + 1];
        foreach (int layer in _layers)
        {
            CountUse(layer, 1);
        }

        for (int map = 0; map < _edgesOf.Length; map++)
        {
            CountMap(map, 1);
        }

        static int[] Positions(IEnumerable<RegionSet> sets, RegionSet[] distinct) => [.. sets.Select(set => Array.IndexOf(distinct, set))];
    }

    /// <summary>The best choice that keeps to the limits, from each of <paramref name="starts"/> and from some simple ones; null where none was found.</summary>
    public int[]? Search(IEnumerable<int[]> starts, double seconds)
    {
        var clock = Stopwatch.StartNew();
        (int[] Choice, Score Score)[] simple = [.. Families().Select(Uniform).Select(Scored).OrderBy(start => start.Score).Take(3)];
        int[]? best = null;
        Score bestScore = default;
        foreach (int[] start in starts.Concat(simple.Select(start => start.Choice)))
        {
            // Each start may take half of what is left.
            double until = clock.Elapsed.TotalSeconds + ((seconds - clock.Elapsed.TotalSeconds) / 2);
            Score score = GoDown(start, clock, until);
            if (score.Excess == 0 && (best is null || score.CompareTo(bestScore) < 0))
            {
                best = [.. _choice];
                bestScore = score;
            }
        }

        return best;
    }

    private (int[] Choice, Score Score) Scored(int[] choice)
    {
        GoTo(choice);
        return (choice, ScoreNow());
    }

    private Score GoDown(int[] start, Stopwatch clock, double until)
    {
        GoTo(start);
        Score score = ScoreNow();
        Score before;
        do
        {
            before = score;
            foreach (var family in Families())
            {
                for (int i = 0; i < _layers.Length && clock.Elapsed.TotalSeconds < until; i++)
                {
                    score = BestRun(family, i, score);
                }
            }

            foreach ((int Layer, int Candidate)[] stack in _stacks)
            {
                if (clock.Elapsed.TotalSeconds < until)
                {
                    score = BestStack(stack, score);
                }
            }

            foreach (int layer in _layers)
            {
                if (clock.Elapsed.TotalSeconds < until)
                {
                    score = BestOf(layer, score);
                }
            }

            if (score.CompareTo(before) < 0)
            {
                continue;
            }

            foreach (MapEdge edge in _problem.Edges.Where(edge => edge.Producer != Network.Input && edge.Consumer < _choice.Length))
            {
                if (clock.Elapsed.TotalSeconds < until)
                {
                    score = BestPair(edge, score);
                }
            }
        }
        while (score.CompareTo(before) < 0 && clock.Elapsed.TotalSeconds < until);

        return score;
    }

    private Score BestOf(int layer, Score score)
    {
        int best = _choice[layer];
        if (IsStreamed(layer, best))
        {
            return score;
        }

        for (int candidate = 0; candidate < _problem.Candidates[layer].Length; candidate++)
        {
            if (IsStreamed(layer, candidate))
            {
                continue;
            }

            Change((layer, candidate));
            Score now = ScoreNow();
            if (now.CompareTo(score) < 0)
            {
                score = now;
                best = candidate;
            }
        }

        Change((layer, best));
        return score;
    }

    private Score BestPair(MapEdge edge, Score score)
    {
        (int First, int Second) best = (_choice[edge.Producer], _choice[edge.Consumer]);
        for (int first = 0; first < _problem.Candidates[edge.Producer].Length; first++)
        {
            Change((edge.Producer, first));
            for (int second = 0; second < _problem.Candidates[edge.Consumer].Length; second++)
            {
                if (edge.Costs[_ownOf[edge.Number][first], _needOf[edge.Number][second]] is null)
                {
                    continue;
                }

                Change((edge.Consumer, second));
                Score now = ScoreNow();
                if (now.CompareTo(score) < 0)
                {
                    score = now;
                    best = (first, second);
                }
            }
        }

        Change((edge.Producer, best.First), (edge.Consumer, best.Second));
        return score;
    }

    private Score BestRun(int[] family, int start, Score score)
    {
        int[] before = [.. _choice];
        int end = start;
        for (int i = start; i < _layers.Length; i++)
        {
            int layer = _layers[i];
            if (family[layer] < 0 || family[layer] == _choice[layer])
            {
                continue;
            }

            Change((layer, family[layer]));
            Score now = ScoreNow();
            if (now.CompareTo(score) < 0)
            {
                score = now;
                end = i + 1;
            }
        }

        for (int i = end; i < _layers.Length; i++)
        {
            Change((_layers[i], before[_layers[i]]));
        }

        return score;
    }

    /// <summary>A streamed stack in place of what its layers are now. Of other stacks that it cuts, the rest is run for itself, in the same tiles.</summary>
    private Score BestStack((int Layer, int Candidate)[] stack, Score score)
    {
        int[] before = [.. _choice];
        var changes = stack.ToDictionary(change => change.Layer, change => change.Candidate);
        foreach (int layer in _layers.Where(layer => IsStreamed(layer, _choice[layer]) && !changes.ContainsKey(layer)).ToArray())
        {
            StackCost other = _problem.Candidates[layer][_choice[layer]].Stack;
            if (other.Layers.Any(member => stack.Any(change => change.Layer == member.Layer.Index)))
            {
                changes.Add(layer, _plainOf[layer][_choice[layer]]);
            }
        }

        Change([.. changes.Select(change => (change.Key, change.Value))]);
        Score now = ScoreNow();
        if (now.CompareTo(score) < 0)
        {
            return now;
        }

        Change([.. changes.Keys.Select(layer => (layer, before[layer]))]);
        return score;
    }

    private bool IsStreamed(int layer, int candidate) => _problem.Candidates[layer][candidate].Stack.Layers.Length > 1;

    /// <summary>Per candidate: the first that is run for itself, of the same tiles where there is one.</summary>
    private int[] PlainOf(int layer)
    {
        Candidate[] candidates = _problem.Candidates[layer];
        int[] plain = [.. Enumerable.Range(0, candidates.Length).Where(candidate => !IsStreamed(layer, candidate))];
        return [.. candidates.Select((own, number) => plain.FirstOrDefault(candidate => SameTiles(candidates[candidate].Plan.Output, own.Plan.Output), plain.FirstOrDefault(number)))];

        static bool SameTiles(Partition? a, Partition? b) => RowsOf(a) is { } rows && rows == RowsOf(b);

        static int? RowsOf(Partition? output) => output is Tiles tiles ? tiles.Rows.Count : output is OverlappingTiles overlapping ? overlapping.Rows.Count : null;
    }

    /// <summary>Per kind of split: the candidate of each layer, or −1.</summary>
    private List<int[]> Families()
    {
        var families = new Dictionary<(Strategy, Type?, int), int[]>();
        foreach (int layer in _layers)
        {
            for (int candidate = _problem.Candidates[layer].Length - 1; candidate >= 0; candidate--)
            {
                LayerPlan plan = _problem.Candidates[layer][candidate].Plan;
                if (plan.Output is OverlappingTiles || IsStreamed(layer, candidate))
                {
                    continue;
                }

                // A layer without sums keeps the shards of one with sums.
                Strategy strategy = plan.Strategy == Strategy.Channelwise ? Strategy.LayerOutput : plan.Strategy;
                var key = (strategy, plan.Output?.GetType(), plan.Output is Tiles tiles ? tiles.Rows.Count : 0);
                if (!families.TryGetValue(key, out int[]? family))
                {
                    families.Add(key, family = [.. Enumerable.Repeat(-1, _choice.Length)]);
                }

                family[layer] = candidate;
            }
        }

        return [.. families.Values];
    }

    private int[] Uniform(int[] family) => [.. family.Select(candidate => Math.Max(0, candidate))];

    private void GoTo(int[] choice) => Change([.. _layers.Where(layer => choice[layer] != _choice[layer]).Select(layer => (layer, choice[layer]))]);

    private void Change(params ReadOnlySpan<(int Layer, int Candidate)> changes)
    {
        foreach ((int layer, int candidate) in changes)
        {
            if (candidate == _choice[layer])
            {
                continue;
            }

            CountUse(layer, -1);
            foreach (int map in _mapsOf[layer])
            {
                if (!_isTouched[map])
                {
                    _isTouched[map] = true;
                    _touched.Add(map);
                    CountMap(map, -1);
                }
            }
        }

        foreach ((int layer, int candidate) in changes)
        {
            if (candidate != _choice[layer])
            {
                _choice[layer] = candidate;
                CountUse(layer, 1);
            }
        }

        foreach (int map in _touched)
        {
            _isTouched[map] = false;
            CountMap(map, 1);
        }

        _touched.Clear();
    }

    private Score ScoreNow()
    {
        long excess = _leftOut * LeftOut;
        long all = 0;
        long largest = 0;
        long mostExcess = long.MinValue;
        for (int rank = 0; rank < _weights.Length; rank++)
        {
            long live = 0;
            for (int phase = 0; phase < _memory.PhaseCount; phase++)
            {
                live = Math.Max(live, _live[phase, rank]);
            }

            long footprint = live + _weights[rank];
            all += footprint;
            largest = Math.Max(largest, footprint);
            mostExcess = Math.Max(mostExcess, footprint - _limits[rank]);
            excess += _objective is null ? 0 : Math.Max(0, footprint - _limits[rank]);
        }

        return _objective switch
        {
            Objective.Latency => new(excess, _nanoseconds, _bytes),
            Objective.Communication => new(excess, _bytes, _nanoseconds),
            Objective.Footprint => new(excess, largest, BytesNear(largest)),
            _ => new(excess, mostExcess, all),
        };
    }

    /// <summary>How much of all phases on all ranks is near the largest: in networks of many equal blocks one change alone lowers few of many peaks.</summary>
    private long BytesNear(long largest)
    {
        long near = largest - (largest / NearShare);
        long bytes = 0;
        for (int rank = 0; rank < _weights.Length; rank++)
        {
            for (int phase = 0; phase < _memory.PhaseCount; phase++)
            {
                bytes += Math.Max(0, _live[phase, rank] + _weights[rank] - near);
            }
        }

        return bytes;
    }

    private void CountUse(int layer, int sign)
    {
        Candidate candidate = _problem.Candidates[layer][_choice[layer]];
        _nanoseconds += sign * candidate.Nanoseconds;
        _bytes += sign * candidate.Reduce.Bytes;
        for (int rank = 0; rank < _weights.Length; rank++)
        {
            _weights[rank] += sign * candidate.WeightsBytes[rank];
        }

        foreach (Alive alive in _alive[layer][_choice[layer]])
        {
            Count(alive, sign);
        }
    }

    /// <summary>What <see cref="LayoutCost"/> counts for the edges of one map.</summary>
    private void CountMap(int map, int sign)
    {
        MapEdge[] edges = _edgesOf[map];
        Span<long> growth = stackalloc long[_weights.Length];
        growth.Clear();
        Alive span = default;
        foreach (MapEdge edge in edges)
        {
            int own = OwnOf(edge);
            int need = NeedOf(edge);
            if (edge.Costs[own, need] is not { } cost)
            {
                _leftOut += sign;
                continue;
            }

            if (map == 0 && edge.Earlier.IsEmpty)
            {
                Count(_memory.OfInput(edge.Own[own]), sign);
            }

            foreach (Alive inPlace in _memory.OfReadingInPlace(edge, edge.Own[own], edge.Need[need], cost))
            {
                Count(inPlace, sign);
            }

            span = _memory.OfGrowth(edge, cost);
            for (int rank = 0; rank < growth.Length; rank++)
            {
                growth[rank] = Math.Max(growth[rank], cost.Growth[rank]);
            }

            if (IsServed(edge, own, need))
            {
                foreach (Alive keeping in _memory.OfKeeping(edge, edge.Need[need], cost))
                {
                    Count(keeping, sign);
                }

                continue;
            }

            _nanoseconds += sign * cost.Nanoseconds;
            _bytes += sign * cost.Bytes;
            foreach (Alive alive in _memory.OfDelivery(edge, edge.Need[need], cost))
            {
                Count(alive, sign);
            }
        }

        if (span.Bytes is not null)
        {
            Count(span with { Bytes = growth.ToArray() }, sign);
        }
    }

    private bool IsServed(MapEdge edge, int own, int need)
    {
        foreach (MapEdge earlier in edge.Earlier)
        {
            if (LayoutProblem.Serves(edge.Own[own], earlier.Need[NeedOf(earlier)], edge.Need[need]))
            {
                return true;
            }
        }

        return false;
    }

    private void Count(Alive alive, int sign)
    {
        for (int rank = 0; rank < alive.Bytes.Length; rank++)
        {
            long bytes = sign * alive.Bytes[rank];
            for (int phase = alive.First; bytes != 0 && phase <= alive.Last; phase++)
            {
                _live[phase, rank] += bytes;
            }
        }
    }

    private int OwnOf(MapEdge edge) => edge.Producer == Network.Input ? 0 : _ownOf[edge.Number][_choice[edge.Producer]];

    private int NeedOf(MapEdge edge) => edge.Consumer == _choice.Length ? 0 : _needOf[edge.Number][_choice[edge.Consumer]];

    private static int MapOf(int producer) => producer == Network.Input ? 0 : producer + 1;

    private readonly record struct Score(long Excess, long First, long Second) : IComparable<Score>
    {
        public int CompareTo(Score other) => (Excess, First, Second).CompareTo((other.Excess, other.First, other.Second));
    }
}
