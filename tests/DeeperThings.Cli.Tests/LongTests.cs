namespace DeeperThings.Cli.Tests;

/// <summary>Tests that take minutes; <c>./run.sh test --all</c> runs them.</summary>
internal static class LongTests
{
    public const string Reason = "takes minutes: ./run.sh test --all";

    public static bool Run => Environment.GetEnvironmentVariable("DEEPERTHINGS_TEST_ALL") == "1";
}
