using Google.OrTools.Sat;

namespace DeeperThings.Planning.Layout;

/// <summary>What the exact solver found.</summary>
/// <param name="Values">Of all variables; null where there is no solution, or none was found in time.</param>
/// <param name="IsProven">Whether these are optimal (or, without values, that there is no solution).</param>
internal sealed record ExactAnswer(long[]? Values, long Objective, double Bound, bool IsProven);

/// <summary>Solves an <see cref="IntegerProgram"/> restricted to some of its variables with CP-SAT, in integers throughout.</summary>
internal static class ExactSolver
{
    /// <param name="isIn">Variables that may differ from 0.</param>
    /// <param name="leastObjective">A proven lower bound, which spares the solver its own proof where it is reached.</param>
    /// <param name="hint">A solution to start from; nothing worse is of interest.</param>
    public static ExactAnswer Minimise(
        IntegerProgram program, LinearSum objective, Func<int, bool> isIn, long leastObjective, IReadOnlyList<long>? hint, double seconds, int workers)
    {
        var model = new CpModel();
        var variables = new IntVar?[program.VariableCount];
        for (int i = 0; i < variables.Length; i++)
        {
            if (program.Upper[i] > 0 && isIn(i))
            {
                variables[i] = model.NewIntVar(0, Math.Min(program.Upper[i], IntegerProgram.Infinity / 4096), string.Empty);
                if (hint is not null)
                {
                    model.AddHint(variables[i], hint[i]);
                }
            }
        }

        foreach (Row row in program.Rows)
        {
            model.AddLinearConstraint(Expression(row.Sum), row.Lower <= -IntegerProgram.Infinity ? long.MinValue / 2 : row.Lower, row.Upper >= IntegerProgram.Infinity ? long.MaxValue / 2 : row.Upper);
        }

        LinearExpr goal = Expression(objective);
        if (leastObjective > 0)
        {
            model.Add(goal >= leastObjective);
        }

        if (hint is not null)
        {
            model.Add(goal <= objective.Of(hint));
        }

        model.Minimize(goal);
        var solver = new CpSolver { StringParameters = $"max_time_in_seconds:{Math.Max(0.05, seconds)},num_workers:{workers},random_seed:1,linearization_level:2" };
        CpSolverStatus status = solver.Solve(model);
        if (status is not (CpSolverStatus.Optimal or CpSolverStatus.Feasible))
        {
            return status == CpSolverStatus.ModelInvalid
                ? throw new InvalidOperationException($"the program is not valid: {model.Validate()}")
                : new(null, 0, leastObjective, status == CpSolverStatus.Infeasible);
        }

        long[] values = [.. variables.Select(variable => variable is null ? 0 : solver.Value(variable))];
        return new(values, objective.Of(values), solver.BestObjectiveBound, status == CpSolverStatus.Optimal);

        LinearExpr Expression(LinearSum sum)
        {
            var terms = sum.Coefficients.Where(term => variables[term.Key] is not null).ToList();
            return LinearExpr.WeightedSum(terms.Select(term => variables[term.Key]!), terms.Select(term => term.Value));
        }
    }
}
