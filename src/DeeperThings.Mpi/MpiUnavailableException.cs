namespace DeeperThings.Mpi;

/// <summary>MPICH's library is not on this machine, or what was found is another MPI.</summary>
public sealed class MpiUnavailableException : Exception
{
    /// <summary>Says what was wrong and what to do about it.</summary>
    public MpiUnavailableException(string reason)
        : base($"{reason}; install it with: apt-get install mpich, or use --in-process")
    {
    }
}
