using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace DeeperThings.Mpi.Tests;

/// <summary>Runs the tests; with the first argument <c>--rank</c> it is one rank of an MPI program instead.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args) => args switch
    {
        [RankProgram.Argument, .. string[] rest] => Task.FromResult(RankProgram.Run(rest)),
        _ when args.Any(arg => arg is "-automated" or "@@") => ConsoleRunner.Run(args),
        _ => TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    };
}
