using DeeperThings.Cli.Options;
using DeeperThings.Cli.Verbs;
using DeeperThings.Planning.Layout;
using DeeperThings.Ranks.Options;
using DeeperThings.Ranks.Verbs;

namespace DeeperThings.Cli;

/// <summary>The <c>deeperthings</c> command.</summary>
internal static class Program
{
    public static int Main(string[] arguments) => CommandProgram.Run(
        "deeperthings",
        "Runs one convolutional network across many machines over MPI.",
        arguments,
        ExitCodeFor,
        [
            VerbOptions.Verb(new InspectOptions(), Inspect.Run),
            VerbOptions.Verb(new WeightsOptions(), MakeWeights.Run),
            VerbOptions.Verb(new PlanOptions(), MakePlan.Run),
            .. RankVerbs.Of(arguments),
            VerbOptions.Verb(new SimulateOptions(), SimulatePlan.Run),
            VerbOptions.Verb(new ReportOptions(), MakeReport.Run),
        ]);

    private static int ExitCodeFor(Exception exception) =>
        exception is InfeasiblePlanException or TimeoutException ? ExitCode.NoFeasiblePlan : ExitCode.For(exception);
}
