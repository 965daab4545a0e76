using System.Runtime.ExceptionServices;

namespace DeeperThings.Mpi;

/// <summary>Ranks as threads of this process, for tests and for trying out without MPI. The same program runs on either communicator.</summary>
public sealed class InProcessWorld
{
    private readonly InProcessCommunicator[] _comms;
    private InProcessFailure? _failure;

    private InProcessWorld(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        Mailboxes = [.. Enumerable.Range(0, size).Select(_ => new Mailbox())];
        Rendezvous = new(this, size);
        _comms = [.. Enumerable.Range(0, size).Select(rank => new InProcessCommunicator(this, rank, size))];
    }

    /// <summary>What was sent to each rank, and what each rank wants to receive.</summary>
    internal Mailbox[] Mailboxes { get; }

    internal Rendezvous Rendezvous { get; }

    /// <summary>Why every wait must end, once a rank has failed.</summary>
    internal InProcessFailure? Failure => Volatile.Read(ref _failure);

    /// <summary>
    /// Runs <paramref name="rank"/> once for each rank of a world of <paramref name="size"/>, each on its own thread, and returns when all ended.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is not positive.</exception>
    /// <exception cref="AbortedException">A rank called <see cref="Communicator.Abort"/> before any other failed.</exception>
    /// <remarks>If a rank throws, the waits of the others throw <see cref="AbortedException"/> at once, and the first exception is thrown from here.</remarks>
    public static void Run(int size, Action<Communicator> rank)
    {
        if (TryRun(size, rank) is InProcessFailure failure)
        {
            ExceptionDispatchInfo.Throw(failure.Exception);
        }
    }

    internal static InProcessFailure? TryRun(int size, Action<Communicator> rank)
    {
        var world = new InProcessWorld(size);
        Thread[] threads = [.. world._comms.Select(comm =>
            new Thread(() => world.RunRank(comm, rank)) { Name = $"rank {comm.Rank}", IsBackground = true })];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        return world.Failure;
    }

    private void RunRank(InProcessCommunicator comm, Action<Communicator> rank)
    {
        try
        {
            rank(comm);
        }
        catch (Exception exception) when (Fail(comm.Rank, exception))
        {
            // Handled by the filter: it runs before the rank's own `using` blocks free the memory that other ranks copy to and from.
        }
    }

    /// <summary>
    /// Ends every wait of every rank; only the first failure is kept. When it returns, no rank copies to or from another one's memory any more.
    /// </summary>
    /// <remarks>Runs as an exception filter, so no code of this folder may throw while it holds a lock.</remarks>
    internal bool Fail(int rank, Exception exception)
    {
        Interlocked.CompareExchange(ref _failure, new(rank, exception), null);
        foreach (Mailbox mailbox in Mailboxes)
        {
            mailbox.Close();
        }

        foreach (InProcessCommunicator comm in _comms)
        {
            comm.Signal.Raise();
        }

        Rendezvous.Signal.Raise();
        return true;
    }
}
