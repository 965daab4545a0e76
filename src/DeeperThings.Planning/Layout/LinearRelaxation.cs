using Google.OrTools.LinearSolver;

namespace DeeperThings.Planning.Layout;

/// <summary>The optimum of a relaxation: a lower bound, values, and how much the objective grows at least for each unit of a variable.</summary>
internal sealed record Relaxed(double Bound, double[] Values, double[] ReducedCosts)
{
    /// <summary>Whether all rows were kept to.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>Where nothing is known, everything is left to the exact solver.</summary>
    public static Relaxed Nothing(IntegerProgram program) => new(0, new double[program.VariableCount], new double[program.VariableCount]) { IsComplete = false };
}

/// <summary>
/// The program without integrality, solved by the simplex method. Rows may be added between solutions; the next one starts from the last basis.
/// </summary>
internal sealed class LinearRelaxation : IDisposable
{
    /// <summary>Bytes by which a row of megabytes may be violated.</summary>
    public const double Tolerance = 16;

    private readonly IntegerProgram _program;
    private readonly Solver _solver;
    private readonly Variable[] _variables;
    private readonly double _objectiveScale;
    private int _rows;

    /// <param name="isOut">Variables that stay at 0.</param>
    public LinearRelaxation(IntegerProgram program, LinearSum objective, Func<int, bool> isOut)
    {
        _program = program;
        _solver = Solver.CreateSolver("GLOP") ?? throw new InvalidOperationException("this build of OR-Tools has no GLOP");
        _variables = [.. program.Upper.Zip(program.Units, (upper, unit) => upper >= IntegerProgram.Infinity ? double.PositiveInfinity : upper / unit)
            .Select((upper, variable) => _solver.MakeNumVar(0, isOut(variable) ? 0 : upper, string.Empty))];
        _objectiveScale = objective.Coefficients.Count == 0 ? 1 : objective.Coefficients.Max(term => Math.Abs(term.Value) * program.Units[term.Key]);
        foreach ((int variable, long coefficient) in objective.Coefficients)
        {
            _solver.Objective().SetCoefficient(_variables[variable], coefficient * program.Units[variable] / _objectiveScale);
        }

        _solver.Objective().SetMinimization();
        if (objective.Coefficients.Count > 1)
        {
            // Several times as fast as the primal method for sums over all layers, and several times as slow for a largest footprint.
            _solver.SetSolverSpecificParametersAsString("use_dual_simplex:true");
        }
    }

    /// <summary>null where the relaxation, and so the program, has no solution.</summary>
    public Relaxed? Solve(double seconds = 60)
    {
        for (; _rows < _program.Rows.Count; _rows++)
        {
            Row row = _program.Rows[_rows];
            Constraint constraint = _solver.MakeConstraint(
                row.Lower <= -IntegerProgram.Infinity ? double.NegativeInfinity : row.Lower / row.Scale,
                row.Upper >= IntegerProgram.Infinity ? double.PositiveInfinity : row.Upper / row.Scale);
            foreach ((int variable, long coefficient) in row.Sum.Coefficients)
            {
                constraint.SetCoefficient(_variables[variable], coefficient * _program.Units[variable] / row.Scale);
            }
        }

        _solver.SetTimeLimit(1 + (long)(1000 * Math.Max(0, seconds)));
        Solver.ResultStatus status = _solver.Solve();
        if (_solver.WallTime() < 1000 * seconds && status is not (Solver.ResultStatus.OPTIMAL or Solver.ResultStatus.INFEASIBLE))
        {
            // Numerical trouble of a warm start: once more from scratch.
            _solver.Reset();
            status = _solver.Solve();
        }

        return status switch
        {
            Solver.ResultStatus.OPTIMAL => new(
                _solver.Objective().Value() * _objectiveScale,
                [.. _variables.Zip(_program.Units, (variable, unit) => variable.SolutionValue() * unit)],
                [.. _variables.Zip(_program.Units, (variable, unit) => variable.ReducedCost() * _objectiveScale / unit)]),
            Solver.ResultStatus.INFEASIBLE => null,
            _ => Relaxed.Nothing(_program),
        };
    }

    /// <summary>Takes over what has been fixed at 0 in the program since.</summary>
    public void FixAsInProgram()
    {
        for (int variable = 0; variable < _variables.Length; variable++)
        {
            if (_program.Upper[variable] == 0)
            {
                _variables[variable].SetUb(0);
            }
        }
    }

    /// <summary>The same without some variables.</summary>
    public Relaxed? SolveWithout(IReadOnlyList<int> variables, double seconds)
    {
        double[] upper = [.. variables.Select(variable => _variables[variable].Ub())];
        foreach (int variable in variables)
        {
            _variables[variable].SetUb(0);
        }

        Relaxed? relaxed = Solve(seconds);
        for (int i = 0; i < upper.Length; i++)
        {
            _variables[variables[i]].SetUb(upper[i]);
        }

        return relaxed;
    }

    public void Dispose() => _solver.Dispose();
}
