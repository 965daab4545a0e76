using System.Diagnostics;

namespace DeeperThings.Planning.Layout;

/// <summary>The optimum of one objective.</summary>
internal sealed record StageAnswer(int[] Choice, long[] Values, long Objective, long Bound)
{
    public bool IsProven => Objective <= Bound;
}

/// <summary>
/// Minimises one objective of a <see cref="LayoutProgram"/> after another. The relaxation gives a bound and reduced costs; a variable whose reduced cost is
/// above the gap can be in no better solution. So the exact solver gets a core of the variables with small reduced cost; if what it finds there leaves a
/// gap no larger than the core's threshold, it is the optimum of the whole program, and otherwise the core grows to that gap and is solved once more.
/// </summary>
internal sealed class ProgramSolver(LayoutProgram layout, double timeLimitSeconds, int workers)
{
    /// <summary>What floating point may be wrong in the relaxation's bound.</summary>
    private const double RelativeError = 1e-7;

    private const double FirstCore = 0.002;
    private const double FirstFootprintCore = 0.03;
    private const double FirstPlanSeconds = 1.5;

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    private bool _countsFootprint;
    private double _stageEnd = double.MaxValue;

    private double SecondsLeft => Math.Max(0, Math.Min(timeLimitSeconds, _stageEnd) - _clock.Elapsed.TotalSeconds);

    /// <summary>What the last stage did, for measurements.</summary>
    public string Trace { get; private set; } = string.Empty;

    /// <param name="objective">What to minimise.</param>
    /// <param name="countsFootprint">Whether the objective is the footprint.</param>
    /// <returns>null where there is no solution.</returns>
    /// <exception cref="TimeoutException">None was found in time.</exception>
    public StageAnswer? Minimise(LinearSum objective, bool countsFootprint)
    {
        // Once minimised, the footprint stays bounded in the later stages.
        _countsFootprint |= countsFootprint;
        double began = _clock.Elapsed.TotalSeconds;
        Relaxed relaxed = Relax(objective);
        long[]? values = null;
        if (countsFootprint)
        {
            // The relaxation of a largest footprint is weak. What any plan takes rules out much, and makes it stronger.
            values = Exact(objective, relaxed.ReducedCosts, (FirstFootprintCore * relaxed.Bound) + 1, 0, null, Math.Min(SecondsLeft, FirstPlanSeconds)).Values;
            if (values is not null)
            {
                layout.FixWhatCannotFit([.. Enumerable.Repeat(objective.Of(values), layout.Ranks)]);
                relaxed = Relax(objective);
            }
        }

        double relaxedAt = _clock.Elapsed.TotalSeconds;
        double error = (RelativeError * Math.Abs(relaxed.Bound)) + 1e-3;
        long least = Math.Max(0, (long)Math.Ceiling(relaxed.Bound - error));
        bool isIntegral = relaxed.Values.All(value => Math.Abs(value - Math.Round(value)) < 1e-6);
        double threshold = isIntegral ? 4 * error : (FirstCore * relaxed.Bound) + error;
        if (values is not null)
        {
            threshold = Math.Min(threshold, objective.Of(values) - relaxed.Bound + error);
        }

        long bound = least;
        bool isProven = false;
        int rounds = 0;
        while (!isProven)
        {
            rounds++;
            bool isWhole = !relaxed.ReducedCosts.Any(cost => cost > threshold);
            ExactAnswer answer = Exact(objective, relaxed.ReducedCosts, threshold, least, values, SecondsLeft);
            if (answer.Values is not null && (values is null || answer.Objective <= objective.Of(values)))
            {
                values = answer.Values;
            }

            if (!answer.IsProven)
            {
                // Out of time. The bound of a core says nothing about what is outside it, beyond the threshold.
                bound = Math.Max(least, (long)Math.Min(Math.Ceiling(answer.Bound - error), isWhole ? double.MaxValue : relaxed.Bound + threshold));
                break;
            }

            double gap = values is null ? double.PositiveInfinity : objective.Of(values) - relaxed.Bound;
            if (isWhole || gap <= threshold)
            {
                if (values is null)
                {
                    return null;
                }

                bound = objective.Of(values);
                isProven = true;
            }
            else
            {
                threshold = values is null ? Math.Max(threshold * 8, 1) : gap + error;
            }
        }

        Trace += $"[{rounds} rounds, relaxation {relaxedAt - began:F2} s, exact {_clock.Elapsed.TotalSeconds - relaxedAt:F2} s, core {relaxed.ReducedCosts.Where((cost, i) => cost <= threshold && layout.Program.Upper[i] > 0).Count()} of {layout.Program.VariableCount}, relaxed {relaxed.Bound:F0}] ";
        if (values is null)
        {
            throw new TimeoutException($"no plan was found in {timeLimitSeconds:F0} s");
        }

        FixWhatCannotTie(relaxed, objective.Of(values));
        return new(layout.ChoiceOf(values), values, objective.Of(values), bound);
    }

    /// <summary>Gives the next stage at most <paramref name="seconds"/>.</summary>
    public void LimitStage(double seconds) => _stageEnd = _clock.Elapsed.TotalSeconds + seconds;

    /// <summary>For the next objective: this one stays at its value.</summary>
    public void Keep(LinearSum objective, long value) => layout.Program.AddRow(objective, 0, value, Math.Max(1, objective.Coefficients.Values.DefaultIfEmpty(1).Max(Math.Abs)));

    /// <summary>The relaxation with all rows that it violates. Where it seems to have no solution, the exact solver has the last word.</summary>
    private Relaxed Relax(LinearSum objective)
    {
        using var relaxation = new LinearRelaxation(layout.Program, objective);
        while (true)
        {
            Relaxed relaxed = relaxation.Solve() ?? new(0, new double[layout.Program.VariableCount], new double[layout.Program.VariableCount]);
            if (!layout.AddViolatedRows(relaxed.Values, _countsFootprint))
            {
                return relaxed;
            }
        }
    }

    private ExactAnswer Exact(LinearSum objective, double[] reducedCosts, double threshold, long least, long[]? hint, double seconds)
    {
        while (true)
        {
            ExactAnswer answer = ExactSolver.Minimise(layout.Program, objective, variable => reducedCosts[variable] <= threshold, least, hint, seconds, workers);
            if (answer.Values is null || !layout.AddViolatedRows([.. answer.Values.Select(value => (double)value)], _countsFootprint))
            {
                return answer;
            }

            hint = null;
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
