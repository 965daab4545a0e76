using DeeperThings.Models;

namespace DeeperThings.Planning.Layout;

/// <summary>
/// The integer program over all candidates (planning.md, section 3), in flow form: on each edge one unit flows from what the producer owns to what the
/// consumer needs. Moves exist once per distinct pair (own, need), not per pair of candidates. Without limits on a chain this is a shortest path, so
/// that its relaxation has an integral optimum. Footprint rows are many and dense, and few of them bind: they are added when a solution violates them.
/// </summary>
internal sealed class LayoutProgram
{
    private const double ByteScale = 1e6;
    private const int MostRowsAdded = 6;

    private readonly LayoutProblem _problem;
    private readonly MemoryModel _memory;
    private readonly IntegerProgram _program = new();
    private readonly int[][] _use;
    private readonly int[][,] _move;
    private readonly int[][,] _charge;
    private readonly List<(int Variable, long[] Bytes)>[] _alive;
    private readonly long[][] _fixedAlive;
    private readonly Dictionary<int, List<Alive>> _certain = [];
    private readonly HashSet<(int Phase, int Rank)> _counted = [];
    private readonly List<(MapEdge[] Edges, int[] Variables)> _growths = [];
    private readonly int[] _weights;
    private readonly int[] _live;
    private readonly long[] _limits;
    private readonly Dominance _dominance;
    private bool _footprintIsLargest;

    /// <param name="limits">Per rank.</param>
    /// <param name="mayExceed">Whether the limits may all be exceeded by <see cref="Excess"/> bytes.</param>
    public LayoutProgram(LayoutProblem problem, MemoryModel memory, long[] limits, bool mayExceed = false)
    {
        _problem = problem;
        _memory = memory;
        _limits = limits;
        _dominance = new(problem, memory);
        _use = [.. problem.Candidates.Select(candidates => candidates.Select(_ => _program.AddVariable()).ToArray())];
        _move = [.. problem.Edges.Select(edge => Variables(edge, (own, need) => edge.Costs[own, need] is not null))];
        _charge = [.. problem.Edges.Select(edge => edge.Earlier.IsEmpty ? _move[edge.Number] : Variables(edge, (own, need) => edge.Costs[own, need] is { MovesNothing: false }))];
        Footprint = _program.AddVariable(IntegerProgram.Infinity, ByteScale);
        Excess = _program.AddVariable(mayExceed ? IntegerProgram.Infinity : 0, ByteScale);
        _weights = [.. limits.Select(_ => _program.AddVariable(IntegerProgram.Infinity, ByteScale))];
        _live = [.. limits.Select(_ => _program.AddVariable(IntegerProgram.Infinity, ByteScale))];
        _alive = [.. Enumerable.Range(0, memory.PhaseCount).Select(_ => new List<(int, long[])>())];
        _fixedAlive = [.. Enumerable.Range(0, memory.PhaseCount).Select(_ => new long[problem.Ranks])];
        OneStrategyPerLayer();
        FlowIsConserved();
        EarlierDeliveriesServe();
        MemoryIsAlive();
        FootprintFitsEveryDevice();
        if (!mayExceed)
        {
            FixWhatCannotFit(limits);
        }

        Seconds = SecondsOfAll();
        Bytes = BytesOfAll();
    }

    public IntegerProgram Program => _program;

    public LayoutProblem Problem => _problem;

    public int Ranks => _problem.Ranks;

    /// <summary>max_r footprint_r, as far as its rows have been added.</summary>
    public int Footprint { get; }

    /// <summary>Bytes by which every limit may be exceeded; out unless asked for.</summary>
    public int Excess { get; }

    /// <summary>The objective latency, in nanoseconds.</summary>
    public LinearSum Seconds { get; }

    /// <summary>The objective communication.</summary>
    public LinearSum Bytes { get; }

    /// <summary>The variable of one candidate.</summary>
    public int Use(int layer, int candidate) => _use[layer][candidate];

    /// <summary>What an objective minimises; null for the bytes by which a limit is exceeded.</summary>
    public LinearSum SumOf(Objective? objective) => objective switch
    {
        Objective.Latency => Seconds,
        Objective.Communication => Bytes,
        Objective.Footprint => new LinearSum().Add(Footprint, 1),
        _ => new LinearSum().Add(Excess, 1),
    };

    /// <summary>
    /// Variables without which nothing is lost as long as only <paramref name="objectives"/> count, each with the one that stands for it: candidates, and the
    /// moves inside of streamed stacks.
    /// </summary>
    public Dictionary<int, int> StandIns(IReadOnlyCollection<Objective> objectives)
    {
        var standIns = new Dictionary<int, int>();
        foreach (((int Layer, int Candidate)[] members, (int Layer, int Candidate)[] others) in _dominance.Pairs(objectives.Contains(Objective.Latency), objectives.Contains(Objective.Communication)))
        {
            for (int i = 0; i < members.Length; i++)
            {
                standIns.Add(_use[members[i].Layer][members[i].Candidate], _use[others[i].Layer][others[i].Candidate]);
                if (i > 0)
                {
                    standIns.Add(MoveInside(members[i - 1], members[i]), MoveInside(others[i - 1], others[i]));
                }
            }
        }

        return standIns;
    }

    /// <summary>Limits that everything keeps to which is no worse than <paramref name="value"/>.</summary>
    public long[] LimitsAt(Objective? objective, long value) => [.. _limits.Select(limit => objective is null ? limit + value : Math.Min(limit, value))];

    /// <summary>What <see cref="Descent"/> finds within the limits.</summary>
    public long[]? Descend(Objective? objective, IEnumerable<int[]> starts, double seconds)
    {
        int[]? choice = new Descent(_problem, _memory, _limits, objective).Search(starts, seconds);
        return choice is null ? null : ValuesOf(choice);
    }

    /// <summary>The candidate of each layer that has most of it in a fractional solution.</summary>
    public int[] LargestOf(IReadOnlyList<double> values) => [.. _use.Select(variables => variables.Length == 0 ? 0 : Enumerable.Range(0, variables.Length).MaxBy(candidate => values[variables[candidate]]))];

    /// <summary>The candidate of each layer in a solution.</summary>
    public int[] ChoiceOf(IReadOnlyList<long> values) => [.. _use.Select(variables => Math.Max(0, Array.FindIndex(variables, variable => values[variable] > 0)))];

    /// <summary>All variables as <paramref name="choice"/> sets them; null where it pairs what is left out.</summary>
    public long[]? ValuesOf(IReadOnlyList<int> choice)
    {
        if (LayoutCost.Of(_problem, _memory, choice) is not { } cost)
        {
            return null;
        }

        var values = new long[_program.VariableCount];
        for (int layer = 0; layer < _use.Length; layer++)
        {
            if (_use[layer].Length > 0)
            {
                values[_use[layer][choice[layer]]] = 1;
                for (int rank = 0; rank < _problem.Ranks; rank++)
                {
                    values[_weights[rank]] += _problem.Candidates[layer][choice[layer]].WeightsBytes[rank];
                }
            }
        }

        foreach (MapEdge edge in _problem.Edges)
        {
            int own = _problem.OwnOf(edge, choice);
            int need = _problem.NeedOf(edge, choice);
            values[_move[edge.Number][own, need]] = 1;
            if (_charge[edge.Number][own, need] >= 0 && !_problem.IsServed(edge, choice))
            {
                values[_charge[edge.Number][own, need]] = 1;
            }
        }

        foreach ((MapEdge[] edges, int[] variables) in _growths)
        {
            for (int rank = 0; rank < variables.Length; rank++)
            {
                if (variables[rank] >= 0)
                {
                    values[variables[rank]] = edges.Max(edge => edge.Costs[_problem.OwnOf(edge, choice), _problem.NeedOf(edge, choice)]!.Growth[rank]);
                }
            }
        }

        for (int rank = 0; rank < _problem.Ranks; rank++)
        {
            values[_live[rank]] = cost.FootprintBytes[rank] - values[_weights[rank]];
            values[Excess] = Math.Max(values[Excess], cost.FootprintBytes[rank] - _limits[rank]);
        }

        values[Footprint] = cost.FootprintBytes.Max();
        return values;
    }

    /// <summary>Whether <paramref name="choice"/> keeps to the limits, or may exceed them.</summary>
    public bool Fits(IReadOnlyList<int> choice) =>
        _program.Upper[Excess] > 0 || LayoutCost.Of(_problem, _memory, choice)!.FootprintBytes.Zip(_limits).All(pair => pair.First <= pair.Second);

    /// <summary>Adds the rows that keep <paramref name="values"/> from what the memory does not allow.</summary>
    /// <param name="values">A solution, perhaps fractional.</param>
    /// <param name="isObjective">Whether <see cref="Footprint"/> must count, beside the limits.</param>
    /// <param name="tolerance">Bytes that the values may be wrong by.</param>
    /// <returns>Whether any were missing.</returns>
    public bool AddViolatedRows(IReadOnlyList<double> values, bool isObjective, double tolerance)
    {
        bool added = false;
        if (isObjective && !_footprintIsLargest)
        {
            FootprintIsTheLargest();
            added = true;
        }

        for (int rank = 0; rank < _problem.Ranks; rank++)
        {
            double weights = WeightsOf(rank).Of(values);
            double[] live = [.. Enumerable.Range(0, _alive.Length).Select(phase => _fixedAlive[phase][rank] + _alive[phase].Sum(term => term.Bytes[rank] * values[term.Variable]))];
            double most = _limits[rank] + values[Excess];
            if (isObjective)
            {
                most = Math.Min(most, values[Footprint]);
            }

            foreach (int phase in Enumerable.Range(0, live.Length).Where(phase => weights + live[phase] > most + tolerance).OrderByDescending(phase => live[phase]).Take(MostRowsAdded))
            {
                if (_counted.Add((phase, rank)))
                {
                    IsAliveIn(phase, rank);
                    added = true;
                }
            }
        }

        return added;
    }

    /// <summary>
    /// Takes out each candidate and each move with which a limit would be exceeded even if all others took as little as they can: of each layer's candidates
    /// and each edge's moves exactly one is chosen, so that the smallest of each are a bound from below.
    /// </summary>
    public void FixWhatCannotFit(IReadOnlyList<long> limits)
    {
        int[][] groups = [.. _use, .. _move.Select(moves => moves.Cast<int>().Where(variable => variable >= 0).ToArray())];
        bool isChanged = true;
        while (isChanged)
        {
            isChanged = false;
            int[][] open = [.. groups.Select(group => group.Where(variable => _program.Upper[variable] > 0).ToArray())];
            for (int rank = 0; rank < _problem.Ranks; rank++)
            {
                if (limits[rank] < IntegerProgram.Infinity)
                {
                    isChanged |= FixWhatCannotFit(open, rank, limits[rank]);
                }
            }
        }
    }

    /// <summary>The move between two layers of a streamed stack.</summary>
    private int MoveInside((int Layer, int Candidate) producer, (int Layer, int Candidate) consumer)
    {
        MapEdge edge = _problem.Edges.First(edge => edge.Producer == producer.Layer && edge.Consumer == consumer.Layer);
        int own = Array.IndexOf(edge.Own, _problem.Candidates[producer.Layer][producer.Candidate].Own);
        int need = Array.IndexOf(edge.Need, _problem.Candidates[consumer.Layer][consumer.Candidate].Needs[edge.Input]);
        return _move[edge.Number][own, need];
    }

    private bool FixWhatCannotFit(int[][] groups, int rank, long limit)
    {
        IReadOnlyDictionary<int, long> weights = WeightsOf(rank).Coefficients;
        var aliveIn = groups.Select(group => group.Select(variable => AliveOf(variable, rank)).ToArray()).ToArray();
        var leastIn = groups.Select((group, g) => group.Length == 0 ? [] : aliveIn[g][0].Keys.ToDictionary(phase => phase, phase => aliveIn[g].Min(alive => alive.GetValueOrDefault(phase)))).ToArray();
        long[] leastWeights = [.. groups.Select(group => group.Length == 0 ? 0 : group.Min(variable => weights.GetValueOrDefault(variable)))];
        long[] least = [.. _fixedAlive.Select(alive => alive[rank])];
        foreach ((int phase, long bytes) in leastIn.SelectMany(entries => entries))
        {
            least[phase] += bytes;
        }

        long allWeights = leastWeights.Sum();
        long largest = least.Max();
        bool isChanged = false;
        for (int g = 0; g < groups.Length; g++)
        {
            for (int i = 0; i < groups[g].Length; i++)
            {
                long live = aliveIn[g][i].Aggregate(largest, (most, entry) => Math.Max(most, least[entry.Key] - leastIn[g].GetValueOrDefault(entry.Key) + entry.Value));
                if (allWeights - leastWeights[g] + weights.GetValueOrDefault(groups[g][i]) + live > limit && _program.Upper[groups[g][i]] > 0)
                {
                    _program.FixAtZero(groups[g][i]);
                    isChanged = true;
                }
            }
        }

        return isChanged;
    }

    private Dictionary<int, long> AliveOf(int variable, int rank)
    {
        var alive = new Dictionary<int, long>();
        foreach (Alive span in _certain.TryGetValue(variable, out List<Alive>? spans) ? spans : [])
        {
            for (int phase = span.First; phase <= span.Last && span.Bytes[rank] > 0; phase++)
            {
                alive[phase] = alive.GetValueOrDefault(phase) + span.Bytes[rank];
            }
        }

        return alive;
    }

    // Σ_σ use[ℓ,σ] = 1
    private void OneStrategyPerLayer()
    {
        foreach (int[] variables in _use.Where(variables => variables.Length > 0))
        {
            _program.AddRow(Sum(variables), 1, 1);
        }
    }

    // Σ_n move[e,o,n] = Σ_{σ owns o} use[p,σ] ;  Σ_o move[e,o,n] = Σ_{τ needs n} use[ℓ,τ]
    private void FlowIsConserved()
    {
        foreach (MapEdge edge in _problem.Edges)
        {
            int[,] move = _move[edge.Number];
            for (int own = 0; own < edge.Own.Length; own++)
            {
                LinearSum flow = Sum(Enumerable.Range(0, edge.Need.Length).Select(need => move[own, need]).Where(variable => variable >= 0));
                if (edge.Producer == Network.Input)
                {
                    _program.AddRow(flow, 1, 1);
                    continue;
                }

                Candidate[] producers = _problem.Candidates[edge.Producer];
                Subtract(flow, Enumerable.Range(0, producers.Length).Where(candidate => producers[candidate].Own == edge.Own[own]).Select(candidate => _use[edge.Producer][candidate]));
                _program.AddRow(flow, 0, 0);
            }

            for (int need = 0; need < edge.Need.Length; need++)
            {
                LinearSum flow = Sum(Enumerable.Range(0, edge.Own.Length).Select(own => move[own, need]).Where(variable => variable >= 0));
                if (edge.Consumer == _use.Length)
                {
                    _program.AddRow(flow, 1, 1);
                    continue;
                }

                Candidate[] consumers = _problem.Candidates[edge.Consumer];
                Subtract(flow, Enumerable.Range(0, consumers.Length).Where(candidate => consumers[candidate].Needs[edge.Input] == edge.Need[need]).Select(candidate => _use[edge.Consumer][candidate]));
                _program.AddRow(flow, 0, 0);
            }
        }
    }

    // charge[e,o,n] ≥ move[e,o,n] − served[e,o,n], where served[e,o,n] = Σ_{e' before e} Σ_{n' serves n} move[e',o,n'] ;
    // k·charge[e,o,n] + served[e,o,n] ≤ k for k edges e' (what is there already is not delivered again, even where that would save memory)
    private void EarlierDeliveriesServe()
    {
        foreach (MapEdge edge in _problem.Edges.Where(edge => !edge.Earlier.IsEmpty))
        {
            ForEachPair(edge, (own, need, _) =>
            {
                if (_charge[edge.Number][own, need] < 0)
                {
                    return;
                }

                // charge ≤ move: what does not move keeps nothing from being kept.
                _program.AddRow(new LinearSum().Add(_move[edge.Number][own, need], 1).Add(_charge[edge.Number][own, need], -1), 0, IntegerProgram.Infinity);
                int edges = edge.Earlier.Length;
                LinearSum sum = new LinearSum().Add(_charge[edge.Number][own, need], 1).Add(_move[edge.Number][own, need], -1);
                LinearSum once = new LinearSum().Add(_charge[edge.Number][own, need], edges);
                foreach (MapEdge earlier in edge.Earlier)
                {
                    for (int other = 0; other < earlier.Need.Length; other++)
                    {
                        if (_move[earlier.Number][own, other] >= 0 && LayoutProblem.Serves(edge.Own[own], earlier.Need[other], edge.Need[need]))
                        {
                            sum.Add(_move[earlier.Number][own, other], 1);
                            once.Add(_move[earlier.Number][own, other], 1);
                        }
                    }
                }

                _program.AddRow(sum, 0, IntegerProgram.Infinity);
                if (once.Coefficients.Count > 1)
                {
                    _program.AddRow(once, -IntegerProgram.Infinity, edges);
                }
            });
        }
    }

    private void MemoryIsAlive()
    {
        for (int layer = 0; layer < _use.Length; layer++)
        {
            for (int candidate = 0; candidate < _use[layer].Length; candidate++)
            {
                foreach (Alive alive in _memory.OfUse(layer, _problem.Candidates[layer][candidate]))
                {
                    AddAlive(_use[layer][candidate], alive, isCertain: true);
                }
            }
        }

        foreach (MapEdge edge in _problem.Edges)
        {
            if (edge.Producer == Network.Input && edge.Earlier.IsEmpty)
            {
                Alive input = _memory.OfInput(edge.Own[0]);
                for (int phase = input.First; phase <= input.Last; phase++)
                {
                    for (int rank = 0; rank < _problem.Ranks; rank++)
                    {
                        _fixedAlive[phase][rank] += input.Bytes[rank];
                    }
                }
            }

            bool isOnly = edge.Earlier.IsEmpty && edge.IsLast;
            ForEachPair(edge, (own, need, cost) =>
            {
                int move = _move[edge.Number][own, need];
                foreach (Alive inPlace in _memory.OfReadingInPlace(edge, edge.Own[own], edge.Need[need], cost))
                {
                    AddAlive(move, inPlace, isCertain: true);
                }

                if (isOnly)
                {
                    AddAlive(move, _memory.OfGrowth(edge, cost), isCertain: true);
                }

                int charge = _charge[edge.Number][own, need];
                if (charge >= 0)
                {
                    foreach (Alive alive in _memory.OfDelivery(edge, edge.Need[need], cost))
                    {
                        AddAlive(charge, alive, isCertain: edge.Earlier.IsEmpty);
                    }
                }

                // Kept where it moves without being charged: (move − charge).
                foreach (Alive keeping in edge.Earlier.IsEmpty ? [] : _memory.OfKeeping(edge, edge.Need[need], cost))
                {
                    AddAlive(move, keeping);
                    if (charge >= 0)
                    {
                        AddAlive(charge, keeping with { Bytes = [.. keeping.Bytes.Select(bytes => -bytes)] });
                    }
                }
            });
        }

        foreach (IGrouping<int, MapEdge> edges in _problem.Edges.GroupBy(edge => edge.Producer).Where(edges => edges.Count() > 1))
        {
            LargestGrowthCounts([.. edges]);
        }
    }

    // growth[p,r] ≥ Σ move[e,o,n]·growth(o,n,r) for each edge e of p
    private void LargestGrowthCounts(MapEdge[] edges)
    {
        int[] growths = [.. Enumerable.Repeat(-1, _problem.Ranks)];
        _growths.Add((edges, growths));
        for (int rank = 0; rank < _problem.Ranks; rank++)
        {
            ref int growth = ref growths[rank];
            foreach (MapEdge edge in edges)
            {
                var sum = new LinearSum();
                int receiver = rank;
                ForEachPair(edge, (own, need, cost) => sum.Add(_move[edge.Number][own, need], -cost.Growth[receiver]));
                if (sum.Coefficients.Count == 0)
                {
                    continue;
                }

                if (growth < 0)
                {
                    growth = _program.AddVariable(IntegerProgram.Infinity, ByteScale);
                    var one = new long[_problem.Ranks];
                    one[rank] = 1;
                    Alive span = _memory.OfGrowth(edge, edge.Costs[0, 0] ?? edge.Costs.Cast<EdgeCost?>().First(cost => cost is not null)!);
                    AddAlive(growth, span with { Bytes = one });
                }

                _program.AddRow(sum.Add(growth, 1), 0, IntegerProgram.Infinity, ByteScale);
            }
        }
    }

    // weights_r ≥ Σ use·weights_σ(r) ;  weights_r + live_r ≤ limit_r + excess
    private void FootprintFitsEveryDevice()
    {
        for (int rank = 0; rank < _problem.Ranks; rank++)
        {
            _program.AddRow(WeightsOf(rank).Add(_weights[rank], -1), -IntegerProgram.Infinity, 0, ByteScale);
            if (_limits[rank] < IntegerProgram.Infinity)
            {
                _program.AddRow(FootprintOf(rank).Add(Excess, -1), -IntegerProgram.Infinity, _limits[rank], ByteScale);
            }
        }
    }

    // weights_r + live_r ≤ footprint
    private void FootprintIsTheLargest()
    {
        _footprintIsLargest = true;
        for (int rank = 0; rank < _problem.Ranks; rank++)
        {
            _program.AddRow(FootprintOf(rank).Add(Footprint, -1), -IntegerProgram.Infinity, 0, ByteScale);
        }
    }

    // live_phase(r) ≤ live_r: sparse, since the weights of all layers are not in it.
    private void IsAliveIn(int phase, int rank)
    {
        var sum = new LinearSum();
        foreach ((int variable, long[] bytes) in _alive[phase])
        {
            sum.Add(variable, bytes[rank]);
        }

        _program.AddRow(sum.Add(_live[rank], -1), -IntegerProgram.Infinity, -_fixedAlive[phase][rank], ByteScale);
    }

    private LinearSum FootprintOf(int rank) => new LinearSum().Add(_weights[rank], 1).Add(_live[rank], 1);

    private LinearSum WeightsOf(int rank)
    {
        var sum = new LinearSum();
        ForEachUse((variable, candidate) => sum.Add(variable, candidate.WeightsBytes[rank]));
        return sum;
    }

    private LinearSum SecondsOfAll()
    {
        var sum = new LinearSum();
        ForEachUse((variable, candidate) => sum.Add(variable, candidate.Nanoseconds));
        ForEachCharge((variable, cost) => sum.Add(variable, cost.Nanoseconds));
        return sum;
    }

    private LinearSum BytesOfAll()
    {
        var sum = new LinearSum();
        ForEachUse((variable, candidate) => sum.Add(variable, candidate.Reduce.Bytes));
        ForEachCharge((variable, cost) => sum.Add(variable, cost.Bytes));
        return sum;
    }

    private void ForEachUse(Action<int, Candidate> action)
    {
        for (int layer = 0; layer < _use.Length; layer++)
        {
            for (int candidate = 0; candidate < _use[layer].Length; candidate++)
            {
                action(_use[layer][candidate], _problem.Candidates[layer][candidate]);
            }
        }
    }

    private void ForEachCharge(Action<int, EdgeCost> action)
    {
        foreach (MapEdge edge in _problem.Edges)
        {
            ForEachPair(edge, (own, need, cost) =>
            {
                if (_charge[edge.Number][own, need] >= 0)
                {
                    action(_charge[edge.Number][own, need], cost);
                }
            });
        }
    }

    private static void ForEachPair(MapEdge edge, Action<int, int, EdgeCost> action)
    {
        for (int own = 0; own < edge.Own.Length; own++)
        {
            for (int need = 0; need < edge.Need.Length; need++)
            {
                if (edge.Costs[own, need] is { } cost)
                {
                    action(own, need, cost);
                }
            }
        }
    }

    private int[,] Variables(MapEdge edge, Func<int, int, bool> exists)
    {
        var variables = new int[edge.Own.Length, edge.Need.Length];
        for (int own = 0; own < edge.Own.Length; own++)
        {
            for (int need = 0; need < edge.Need.Length; need++)
            {
                variables[own, need] = exists(own, need) ? _program.AddVariable() : -1;
            }
        }

        return variables;
    }

    /// <param name="isCertain">Whether these bytes are alive wherever the variable is 1, whatever the others are.</param>
    private void AddAlive(int variable, Alive alive, bool isCertain = false)
    {
        if (alive.Bytes.All(bytes => bytes == 0))
        {
            return;
        }

        if (isCertain)
        {
            if (!_certain.TryGetValue(variable, out List<Alive>? certain))
            {
                _certain.Add(variable, certain = []);
            }

            certain.Add(alive);
        }

        for (int phase = alive.First; phase <= alive.Last; phase++)
        {
            _alive[phase].Add((variable, alive.Bytes));
        }
    }

    private static LinearSum Sum(IEnumerable<int> variables)
    {
        var sum = new LinearSum();
        foreach (int variable in variables)
        {
            sum.Add(variable, 1);
        }

        return sum;
    }

    private static void Subtract(LinearSum sum, IEnumerable<int> variables)
    {
        foreach (int variable in variables)
        {
            sum.Add(variable, -1);
        }
    }
}
