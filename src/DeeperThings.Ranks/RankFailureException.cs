namespace DeeperThings.Ranks;

/// <summary>What went wrong on one or more ranks, as the root reports it for all of them.</summary>
internal sealed class RankFailureException(string message, int exitCode) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
