using System.CommandLine;
using DeeperThings.Ranks.Options;

namespace DeeperThings.Ranks.Verbs;

/// <summary>The verbs that need no planner.</summary>
internal static class RankVerbs
{
    /// <param name="arguments">The command line, with which mpiexec starts the ranks.</param>
    public static IEnumerable<Command> Of(string[] arguments) =>
    [
        VerbOptions.Verb(new RunOptions(), options => RunPlan.Run(options, arguments)),
        VerbOptions.Verb(new VerifyOptions(), options => VerifyPlan.Run(options, arguments)),
        VerbOptions.Verb(new BenchOptions(), Bench.Run),
        VerbOptions.Verb(new ProfileOptions(), options => ProfileCluster.Run(options, arguments)),
    ];
}
