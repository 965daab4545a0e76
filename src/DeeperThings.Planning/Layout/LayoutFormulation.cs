using System.Collections.Immutable;
using System.Diagnostics;
using DeeperThings.Models;
using DeeperThings.Partitioning;

namespace DeeperThings.Planning.Layout;

/// <summary>
/// Chooses one candidate per layer, for all layers together (planning.md, sections 1 to 3). Ties are broken lexicographically by further solutions, each
/// with the objectives before it fixed at their optima: objective, then the other two in the order latency, communication, footprint. The proof is for the
/// objective; a tie-break that takes more than some seconds ends with the best plan so far, which is never worse than the one that it started from.
/// </summary>
public sealed class LayoutFormulation
{
    /// <summary>Time for the best alternatives of all layers together.</summary>
    private const double MostExplanationSeconds = 5;

    private const int MostTightenings = 12;
    private const double TieBreakSeconds = 3;
    private const double UnprovenTieBreakSeconds = 0.8;
    private const double FootprintShare = 0.75;
    private const int ParetoPoints = 9;

    private readonly LayoutRequest _request;
    private readonly LayoutProblem _problem;
    private readonly MemoryModel _memory;
    private readonly double _tableSeconds;
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    private LayoutFormulation(LayoutRequest request)
    {
        _request = request;
        _problem = new(request);
        _memory = new(_problem);
        _tableSeconds = _clock.Elapsed.TotalSeconds;
    }

    /// <exception cref="InfeasiblePlanException">No plan keeps to the limits.</exception>
    /// <exception cref="PlanException">A layer has no candidate.</exception>
    /// <exception cref="TimeoutException">No plan was found in time.</exception>
    public static LayoutResult Solve(LayoutRequest request) => new LayoutFormulation(request).SolveUnder(request.FootprintLimitBytes, request.Objective);

    /// <summary>
    /// The least latency under each of a sequence of limits, from the smallest feasible footprint to that of the fastest plan; only points that are faster
    /// than all smaller ones.
    /// </summary>
    public static ImmutableArray<ParetoPoint> Pareto(LayoutRequest request, int points = ParetoPoints)
    {
        var formulation = new LayoutFormulation(request);
        LayoutResult fastest = formulation.SolveUnder(request.FootprintLimitBytes, Objective.Latency);
        LayoutResult smallest = formulation.SolveUnder(request.FootprintLimitBytes, Objective.Footprint);
        long least = smallest.Plan.Counts.FootprintBytes.Max();
        long most = fastest.Plan.Counts.FootprintBytes.Max();

        // Who looks for the smallest footprint gives little time to how fast it is.
        LayoutResult first = FastestWithin(least) is { } faster && faster.Seconds < smallest.Seconds ? faster : smallest;
        var front = new List<ParetoPoint> { new(least, first) };
        for (int point = 1; point < points - 1 && most > least; point++)
        {
            // In equal ratios, since the front is steep at its small end.
            long limit = (long)(least * Math.Pow(most / (double)least, point / (points - 1.0)));
            if (FastestWithin(limit) is { } result && result.Seconds < front[^1].Seconds)
            {
                front.Add(new(limit, result));
            }
        }

        if (fastest.Seconds < front[^1].Seconds)
        {
            front.Add(new(most, fastest));
        }

        return [.. front];

        // None where none was found: a front without this point is a front.
        LayoutResult? FastestWithin(long limit)
        {
            try
            {
                return formulation.SolveUnder(limit, Objective.Latency);
            }
            catch (Exception e) when (e is TimeoutException or InfeasiblePlanException)
            {
                return null;
            }
        }
    }

    /// <summary>The model's cost of any list of layer plans out of the candidates; for tests.</summary>
    internal static (LayoutProblem Problem, MemoryModel Memory) Tables(LayoutRequest request)
    {
        var formulation = new LayoutFormulation(request);
        return (formulation._problem, formulation._memory);
    }

    private LayoutResult SolveUnder(long? limitBytes, Objective objective)
    {
        double began = _clock.Elapsed.TotalSeconds;
        long[] limits = [.. _request.Cluster.Hosts.Select(host => Math.Min(host.MemoryBytes, limitBytes ?? long.MaxValue))];
        long[] modelLimits = [.. limits];
        for (int tightenings = 0; ; tightenings++)
        {
            var layout = new LayoutProgram(_problem, _memory, modelLimits);
            double seconds = _request.TimeLimitSeconds * (objective == Objective.Footprint ? FootprintShare : 1);
            double left = (2 * _request.TimeLimitSeconds) - (_clock.Elapsed.TotalSeconds - began);
            var solver = new ProgramSolver(layout, tightenings == 0 ? seconds : Math.Max(1, Math.Min(left / 2, seconds)), _request.Workers);
            StageAnswer? answer = SolveStages(layout, solver, objective, out StageAnswer? first);
            if (answer is null || tightenings == MostTightenings)
            {
                // The model may also think of more than the arena needs: the plan that exceeds the limits least by the model may keep to them.
                StageAnswer least = LeastExcess(limits);
                Plan smallest = PlanOf(least, objective);
                LayoutCost model = LayoutCost.Of(_problem, _memory, least.Choice)!;
                first = least with { Objective = objective switch { Objective.Latency => model.Nanoseconds, Objective.Communication => model.Bytes, _ => model.FootprintBytes.Max() }, Bound = 0 };
                return smallest.Counts.FootprintBytes.Zip(limits).All(pair => pair.First <= pair.Second)
                    ? Result(smallest, objective, least, first, modelLimits, layout, solver, tightenings, _clock.Elapsed.TotalSeconds - began + _tableSeconds)
                    : throw Infeasible(limits, model, smallest.Counts.FootprintBytes);
            }

            Plan plan = PlanOf(answer, objective);
            long[] over = [.. plan.Counts.FootprintBytes.Select((bytes, rank) => bytes - limits[rank])];
            if (over.All(bytes => bytes <= 0))
            {
                return Result(plan, objective, answer, first!, modelLimits, layout, solver, tightenings, _clock.Elapsed.TotalSeconds - began + _tableSeconds);
            }

            // The arena needed more than the model thought. Rule this plan out by the same number of bytes.
            LayoutCost cost = LayoutCost.Of(_problem, _memory, answer.Choice)!;
            for (int rank = 0; rank < limits.Length; rank++)
            {
                if (over[rank] > 0)
                {
                    modelLimits[rank] = Math.Min(modelLimits[rank] - 1, Math.Max(cost.FootprintBytes[rank] - 1, limits[rank] - over[rank]));
                }
            }
        }
    }

    /// <summary>The three objectives one after the other; null where there is no solution.</summary>
    internal static StageAnswer? SolveStages(LayoutProgram layout, ProgramSolver solver, Objective objective, out StageAnswer? first)
    {
        first = null;
        StageAnswer? last = null;
        foreach (Objective stage in Enum.GetValues<Objective>().OrderBy(stage => stage != objective))
        {
            StageAnswer? answer = solver.Minimise(stage, last?.Choice);
            if (answer is null)
            {
                return last;
            }

            first ??= answer;
            last = answer;
            solver.Keep(layout.SumOf(stage), answer.Objective);
            solver.LimitStage(first.IsProven ? TieBreakSeconds : UnprovenTieBreakSeconds);
            if (stage == Objective.Footprint)
            {
                layout.FixWhatCannotFit(layout.LimitsAt(stage, answer.Objective));
            }
        }

        return last;
    }

    private LayoutResult Result(
        Plan plan, Objective objective, StageAnswer answer, StageAnswer first, long[] modelLimits, LayoutProgram layout, ProgramSolver solver, int tightenings, double seconds)
    {
        LayoutCost cost = LayoutCost.Of(_problem, _memory, answer.Choice)!;
        double scale = objective == Objective.Latency ? WholeNanoseconds.PerSecond : 1;
        LayerAlternative?[] alternatives = _request.ExplainAlternatives
            ? AlternativesTo(answer.Choice, objective, first.Objective, modelLimits)
            : new LayerAlternative?[answer.Choice.Length];
        return new()
        {
            Plan = plan,
            Objective = objective,
            Seconds = WholeNanoseconds.ToSeconds(cost.Nanoseconds),
            Bytes = cost.Bytes,
            ModelFootprintBytes = cost.FootprintBytes.Max(),
            Value = first.Objective / scale,
            Bound = first.Bound / scale,
            IsOptimal = first.IsProven,
            Statistics = new(_problem.Candidates.Sum(candidates => candidates.Length), layout.Program.VariableCount, layout.Program.Rows.Count, seconds, _tableSeconds, tightenings, solver.Trace),
            Layers = [.. _request.Network.Layers.Where(layer => !layer.IsIdentity).Select(layer => CostOf(layer, answer.Choice, alternatives[layer.Index]))],
        };
    }

    /// <summary>
    /// Per layer: the relaxation without the candidates of the chosen strategy says what every other strategy costs at least. Layers for which
    /// <see cref="MostExplanationSeconds"/> do not suffice have none.
    /// </summary>
    private LayerAlternative?[] AlternativesTo(int[] choice, Objective objective, long optimum, long[] limits)
    {
        var alternatives = new LayerAlternative?[choice.Length];
        var layout = new LayoutProgram(_problem, _memory, limits);
        double scale = objective == Objective.Latency ? WholeNanoseconds.PerSecond : 1;
        using var relaxation = new LinearRelaxation(layout.Program, layout.SumOf(objective), _ => false);
        var clock = Stopwatch.StartNew();
        double SecondsLeft() => MostExplanationSeconds - clock.Elapsed.TotalSeconds;
        for (int layer = 0; layer < choice.Length && SecondsLeft() > 0; layer++)
        {
            Candidate[] candidates = _problem.Candidates[layer];
            ILookup<bool, int> isSame = Enumerable.Range(0, candidates.Length)
                .ToLookup(candidate => IsSameStrategy(candidates[candidate].Plan, candidates[choice[layer]].Plan));
            if (!isSame[false].Any())
            {
                continue;
            }

            Relaxed? relaxed;
            do
            {
                relaxed = relaxation.SolveWithout([.. isSame[true].Select(candidate => layout.Use(layer, candidate))], SecondsLeft());
            }
            while (relaxed is { IsComplete: true } && SecondsLeft() > 0 && layout.AddViolatedRows(relaxed.Values, objective == Objective.Footprint, LinearRelaxation.Tolerance));
            if (relaxed is { IsComplete: true })
            {
                int best = isSame[false].MaxBy(candidate => relaxed.Values[layout.Use(layer, candidate)]);
                alternatives[layer] = new(candidates[best].Plan, Math.Max(0, relaxed.Bound - optimum) / scale);
            }
        }

        return alternatives;
    }

    /// <summary>Other grids, margins and splits are the same strategy; everywhere and on the root are two.</summary>
    internal static bool IsSameStrategy(LayerPlan a, LayerPlan b) => a.Strategy == b.Strategy && (a.Output is OnRoot) == (b.Output is OnRoot);

    private LayerCost CostOf(Layer layer, int[] choice, LayerAlternative? alternative)
    {
        Candidate candidate = _problem.Candidates[layer.Index][choice[layer.Index]];
        long nanoseconds = candidate.Reduce.Nanoseconds;
        long bytes = candidate.Reduce.Bytes;
        foreach (MapEdge edge in _problem.Edges.Where(edge => edge.Consumer == layer.Index))
        {
            int own = _problem.OwnOf(edge, choice);
            int need = _problem.NeedOf(edge, choice);
            if (!_problem.IsServed(edge, choice))
            {
                nanoseconds += edge.Costs[own, need]!.Nanoseconds;
                bytes += edge.Costs[own, need]!.Bytes;
            }
        }

        return new(layer.Index, WholeNanoseconds.ToSeconds(candidate.ComputeNanoseconds), WholeNanoseconds.ToSeconds(nanoseconds), bytes, _problem.Candidates[layer.Index].Length, alternative);
    }

    private Plan PlanOf(StageAnswer answer, Objective objective) =>
        Plan.Create(_request.Network, _problem.Ranks, Describe(objective), _problem.LayersOf(answer.Choice));

    private StageAnswer LeastExcess(long[] limits)
    {
        var layout = new LayoutProgram(_problem, _memory, limits, mayExceed: true);
        var solver = new ProgramSolver(layout, _request.TimeLimitSeconds, _request.Workers);
        return solver.Minimise(null) ?? throw new InvalidOperationException("a program without limits has no solution");
    }

    /// <summary>The plan that exceeds the limits least tells what is missing.</summary>
    /// <param name="model">Of that plan.</param>
    /// <param name="exact">Its bytes.</param>
    private InfeasiblePlanException Infeasible(long[] limits, LayoutCost model, ImmutableArray<long> exact)
    {
        int rank = Enumerable.Range(0, limits.Length).MaxBy(rank => exact[rank] - limits[rank]);
        int layer = Math.Min(_memory.LayerOf(model.LargestPhase[rank]), _request.Network.Layers.Length - 1);
        return new(rank, _request.Network.Layers[layer].Name, limits[rank], exact[rank] - limits[rank], exact[rank]);
    }

    private static string Describe(Objective objective) => $"layout-{objective.ToString().ToLowerInvariant()}";
}
