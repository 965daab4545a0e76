using System.Diagnostics;

namespace DeeperThings.Planning.Layout;

/// <summary>The optimum of one objective, or the best choice in time.</summary>
internal sealed record StageAnswer(int[] Choice, long[] Values, long Objective, long Bound)
{
    public bool IsProven => Objective <= Bound;
}

/// <summary>
/// Minimises one objective of a <see cref="LayoutProgram"/> after another. The relaxation gives a bound and reduced costs; a variable whose reduced cost is
/// above the gap can be in no better solution. So the exact solver gets a core of the variables with small reduced cost; if what it finds there leaves a
/// gap no larger than the core's threshold, it is the optimum of the whole program, and otherwise the core grows to that gap and is solved once more.
/// Candidates for which others can stand (<see cref="Dominance"/>) are left out as long as the objectives so far do not tell them apart. Where the gap leaves
/// many variables, <see cref="Branching"/> makes the relaxation tighter first, often until its bound is the optimum.
/// Where the relaxation is not integral, a <see cref="Descent"/> finds something feasible first: what the exact solver starts from, and what is returned
/// where the proof does not end in time.
/// </summary>
/// <param name="mostForExact">Variables of a core above which the plans are parted first.</param>
internal sealed class ProgramSolver(LayoutProgram layout, double timeLimitSeconds, int workers, int mostForExact = ProgramSolver.MostForExact)
{
    /// <summary>What floating point may be wrong in the relaxation's bound.</summary>
    private const double RelativeError = 1e-7;

    /// <summary>Whole numbers differ by at least 1.</summary>
    private const double ExactTolerance = 0.5;

    /// <summary>Variables that the exact solver can be given at once.</summary>
    public const int MostForExact = 400;

    private const double FirstCore = 0.002;
    private const double DescentSeconds = 1.2;
    private const double RelaxationShare = 0.6;
    private const double BranchingShare = 0.7;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly HashSet<Objective> _objectives = [];
    private Dictionary<int, int> _standIns = [];
    private double _stageEnd = timeLimitSeconds;

    private double SecondsLeft => Math.Max(0, _stageEnd - _clock.Elapsed.TotalSeconds);

    /// <summary>Relaxations of parts of the plans that were solved, in all stages.</summary>
    public int Parts { get; private set; }

    /// <summary>What the stages did, for measurements.</summary>
    public string Trace { get; private set; } = string.Empty;

    /// <param name="objective">What to minimise; null for the bytes by which a limit is exceeded.</param>
    /// <param name="known">A choice that keeps to all that is asked.</param>
    /// <returns>null where there is no solution.</returns>
    /// <exception cref="TimeoutException">None was found in time.</exception>
    public StageAnswer? Minimise(Objective? objective, int[]? known = null)
    {
        LinearSum sum = layout.SumOf(objective);

        // Once minimised, an objective stays bounded in the later stages.
        if (objective is { } counts)
        {
            _objectives.Add(counts);
        }

        _standIns = layout.StandIns(_objectives);
        double began = _clock.Elapsed.TotalSeconds;
        bool isTieBreak = known is not null;
        long[]? values = known is null ? null : layout.ValuesOf(known);
        if (objective is null or Objective.Footprint && !isTieBreak)
        {
            // The relaxation of a largest footprint is weak. What any plan takes rules out much, and makes it stronger.
            values = Descend([]);
            FixWhatCannotFit();
        }

        double descended = _clock.Elapsed.TotalSeconds;
        using var relaxation = new LinearRelaxation(layout.Program, sum, _standIns.ContainsKey);
        Relaxed relaxed = Relax(relaxation);
        bool isIntegral = relaxed.IsComplete && relaxed.Values.All(value => Math.Abs(value - Math.Round(value)) < 1e-6);
        if (!isIntegral && !isTieBreak)
        {
            values = Better(values, Descend(relaxed.IsComplete ? [layout.LargestOf(relaxed.Values)] : []));
            if (objective is null or Objective.Footprint)
            {
                FixWhatCannotFit();
            }
        }

        int parts = 0;
        CostLikeStandIns();
        if (relaxed.IsComplete && !isIntegral && !isTieBreak && (values is null || CoreSize(sum.Of(values) - relaxed.Bound) > mostForExact))
        {
            if (values is not null)
            {
                FixWhatCannotTie(relaxed, sum.Of(values));
                relaxation.FixAsInProgram();
            }

            var branching = new Branching(layout, relaxation, _objectives.Contains(Objective.Footprint), BranchingShare * SecondsLeft);
            relaxed = branching.Tighten(relaxed, values is null ? double.PositiveInfinity : sum.Of(values), Found);
            parts = branching.Parts;
            Parts += parts;
            CostLikeStandIns();
        }

        double relaxedAt = _clock.Elapsed.TotalSeconds;
        double error = (RelativeError * Math.Abs(relaxed.Bound)) + 1e-3;
        long least = Math.Max(0, (long)Math.Ceiling(relaxed.Bound - error));
        double threshold = isIntegral ? 4 * error : (FirstCore * relaxed.Bound) + error;
        if (values is not null)
        {
            threshold = Math.Min(threshold, sum.Of(values) - relaxed.Bound + error);
        }

        long bound = least;
        bool isProven = values is not null && sum.Of(values) <= least;
        int rounds = 0;
        while (!isProven)
        {
            rounds++;
            bool isWhole = !relaxed.ReducedCosts.Any(cost => cost > threshold && cost < double.PositiveInfinity);
            ExactAnswer answer = Exact(sum, relaxed.ReducedCosts, threshold, least, values, SecondsLeft);
            values = Better(values, Checked(answer, sum));
            if (!answer.IsProven)
            {
                // Out of time. The bound of a core says nothing about what is outside it, beyond the threshold.
                bound = Math.Max(least, (long)Math.Min(Math.Ceiling(answer.Bound - error), isWhole ? double.MaxValue : relaxed.Bound + threshold));
                break;
            }

            double gap = values is null ? double.PositiveInfinity : sum.Of(values) - relaxed.Bound;
            if (isWhole || gap <= threshold)
            {
                if (values is null)
                {
                    return null;
                }

                isProven = true;
            }
            else
            {
                threshold = values is null ? Math.Max(threshold * 8, 1) : gap + error;
            }
        }

        Trace += $"[{parts} parts, {rounds} rounds, descent {descended - began:F2} s, relaxation {relaxedAt - descended:F2} s, exact {_clock.Elapsed.TotalSeconds - relaxedAt:F2} s, core {CoreSize(threshold)} of {layout.Program.VariableCount}, relaxed {relaxed.Bound:F0}] ";
        if (values is null)
        {
            throw new TimeoutException($"no plan was found in {_stageEnd:F0} s");
        }

        long optimum = sum.Of(values);
        FixWhatCannotTie(relaxed, optimum);
        return new(layout.ChoiceOf(values), values, optimum, isProven ? optimum : Math.Min(bound, optimum));

        long[]? Better(long[]? a, long[]? b) => b is null || (a is not null && sum.Of(a) <= sum.Of(b)) ? a : b;

        long[]? Descend(int[][] starts) => layout.Descend(objective, starts, Math.Min(SecondsLeft, DescentSeconds));

        int CoreSize(double threshold) =>
            Enumerable.Range(0, relaxed.ReducedCosts.Length).Count(variable => relaxed.ReducedCosts[variable] <= threshold && layout.Program.Upper[variable] > 0 && !_standIns.ContainsKey(variable));

        void CostLikeStandIns()
        {
            foreach ((int variable, int standIn) in _standIns)
            {
                relaxed.ReducedCosts[variable] = relaxed.ReducedCosts[standIn];
            }
        }

        double Found(Relaxed part)
        {
            int[] choice = layout.LargestOf(part.Values);
            values = layout.ValuesOf(choice) is { } whole && layout.Fits(choice) ? Better(values, whole) : values;
            return values is null ? double.PositiveInfinity : sum.Of(values);
        }

        void FixWhatCannotFit()
        {
            if (values is not null)
            {
                layout.FixWhatCannotFit(layout.LimitsAt(objective, sum.Of(values)));
            }
        }
    }

    /// <summary>Gives the next stage at most <paramref name="seconds"/>.</summary>
    public void LimitStage(double seconds) => _stageEnd = _clock.Elapsed.TotalSeconds + seconds;

    /// <summary>For the next objective: this one stays at its value.</summary>
    public void Keep(LinearSum objective, long value) => layout.Program.AddRow(objective, 0, value, Math.Max(1, objective.Coefficients.Values.DefaultIfEmpty(1).Max(Math.Abs)));

    /// <summary>
    /// The solver's values as <see cref="LayoutCost"/> counts the candidates that they choose. A difference would be a wrong row of the program: what is
    /// proven of the program would not be true of the plan.
    /// </summary>
    private long[]? Checked(ExactAnswer answer, LinearSum sum)
    {
        if (answer.Values is null)
        {
            return null;
        }

        int[] choice = layout.ChoiceOf(answer.Values);
        long[] values = layout.ValuesOf(choice) ?? throw new InvalidOperationException("the program's solution pairs what is left out");
        long counted = sum.Of(values);
        if (counted > answer.Objective || (answer.IsProven && counted != answer.Objective))
        {
            throw new InvalidOperationException($"the program's objective is {answer.Objective:N0}, but the chosen candidates cost {counted:N0}");
        }

        return layout.Fits(choice) ? values : throw new InvalidOperationException("the program's solution exceeds a limit that its rows keep");
    }

    /// <summary>The relaxation with all rows that it violates. Where it seems to have no solution, the exact solver has the last word.</summary>
    private Relaxed Relax(LinearRelaxation relaxation)
    {
        double end = _clock.Elapsed.TotalSeconds + (RelaxationShare * SecondsLeft);
        var solved = Relaxed.Nothing(layout.Program);
        while (true)
        {
            Relaxed? relaxed = relaxation.Solve(end - _clock.Elapsed.TotalSeconds);
            if (relaxed is not { IsComplete: true })
            {
                // Out of time: what was solved with fewer rows is a relaxation too.
                return relaxed is null ? Relaxed.Nothing(layout.Program) : solved;
            }

            if (!layout.AddViolatedRows(relaxed.Values, _objectives.Contains(Objective.Footprint), LinearRelaxation.Tolerance))
            {
                return relaxed;
            }

            solved = relaxed with { IsComplete = false };
            if (_clock.Elapsed.TotalSeconds > end)
            {
                return solved;
            }
        }
    }

    private ExactAnswer Exact(LinearSum objective, double[] reducedCosts, double threshold, long least, long[]? known, double seconds)
    {
        double end = _clock.Elapsed.TotalSeconds + seconds;
        while (true)
        {
            ExactAnswer answer = ExactSolver.Minimise(
                layout.Program, objective, variable => (reducedCosts[variable] <= threshold && !_standIns.ContainsKey(variable)) || known?[variable] > 0, least, known, end - _clock.Elapsed.TotalSeconds, workers);
            if (known is not null && answer is { IsProven: true, Values: null })
            {
                throw new InvalidOperationException("the program rules out a choice of candidates that keeps to all limits");
            }

            if (answer.Values is null || !layout.AddViolatedRows([.. answer.Values.Select(value => (double)value)], _objectives.Contains(Objective.Footprint), ExactTolerance))
            {
                return answer;
            }

            if (_clock.Elapsed.TotalSeconds >= end)
            {
                return answer with { Values = null, IsProven = false };
            }
        }

    }

    private void FixWhatCannotTie(Relaxed relaxed, long objective)
    {
        double gap = objective - relaxed.Bound + (4 * RelativeError * Math.Abs(relaxed.Bound)) + 1;
        for (int variable = 0; variable < relaxed.ReducedCosts.Length; variable++)
        {
            if (relaxed.ReducedCosts[variable] > gap && layout.Program.Upper[variable] <= 1)
            {
                layout.Program.FixAtZero(variable);
            }
        }
    }
}
