namespace DeeperThings.Mpi;

/// <summary>The first rank of a world that failed or aborted, and how.</summary>
internal sealed record InProcessFailure(int Rank, Exception Exception)
{
    /// <summary>What ends the other ranks.</summary>
    public AbortedException ForFollowers => new(
        (Exception as AbortedException)?.ExitCode ?? 1, $"ended because rank {Rank} failed: {Exception.Message}");
}
