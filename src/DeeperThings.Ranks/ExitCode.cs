using DeeperThings.Models;
using DeeperThings.Mpi;
using DeeperThings.Partitioning;
using DeeperThings.Vision;

namespace DeeperThings.Ranks;

/// <summary>The exit codes of the command.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>A mistake in this program.</summary>
    public const int Bug = 1;

    /// <summary>Arguments, files or their contents.</summary>
    public const int CallersFault = 2;

    /// <summary>No plan meets the limits.</summary>
    public const int NoFeasiblePlan = 3;

    /// <summary>A rank failed or was lost.</summary>
    public const int RankLost = 4;

    /// <summary>The exit code for an exception that ends a rank or the command.</summary>
    public static int For(Exception exception) => exception switch
    {
        RankFailureException failure => failure.ExitCode,
        AbortedException aborted => aborted.ExitCode,
        UsageException or ModelException or PlanException or InputException or MpiUnavailableException => CallersFault,
        IOException or UnauthorizedAccessException => CallersFault,
        CommunicationException or OutOfMemoryException => RankLost,
        _ => Bug,
    };
}
