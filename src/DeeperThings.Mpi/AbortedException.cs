namespace DeeperThings.Mpi;

/// <summary>Ends a rank of an <see cref="InProcessWorld"/> because a rank called <see cref="Communicator.Abort"/> or failed.</summary>
public sealed class AbortedException : Exception
{
    internal AbortedException(int exitCode, string message)
        : base(message) => ExitCode = exitCode;

    /// <summary>What was passed to <see cref="Communicator.Abort"/>; 1 where another rank failed with an exception.</summary>
    public int ExitCode { get; }
}
