using System.Runtime.InteropServices;

namespace DeeperThings.Mpi;

/// <summary>
/// The life of a rank: it starts, runs, and all ranks end together. A rank that fails says so in one line and takes the others with it,
/// because a rank that waits for a dead one would wait for ever. At the end the ranks wait for each other, up to <see cref="Communicator.Deadline"/>.
/// </summary>
public static class MpiProgram
{
    /// <summary>How long a rank that has a nonzero exit code waits for the others before it ends them.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    // Of a deadline that has passed: so much later others may have begun to wait.
    private const int GraceShare = 4;

    /// <summary>Runs <paramref name="program"/> as this process's rank under mpiexec; started without mpiexec it is the only rank.</summary>
    /// <param name="program">What a rank does; its result is an exit code. The first nonzero one in rank order becomes every rank's.</param>
    /// <param name="log">Receives one line, <c>[rank/size host] message</c>, if this rank fails.</param>
    /// <param name="exitCode">The nonzero exit code for an exception; mpiexec returns it and ends the other ranks.</param>
    /// <returns>The exit code of the process.</returns>
    public static int Run(Func<Communicator, int> program, TextWriter log, Func<Exception, int> exitCode)
    {
        Communicator? comm = null;
        try
        {
            comm = MpichCommunicator.Initialize();
            int code = EndTogether(comm, program(comm));
            comm.Dispose();
            return code;
        }
        catch (Exception exception)
        {
            int code = exitCode(exception);
            Report(log, comm?.Rank.ToString() ?? Environment.GetEnvironmentVariable("PMI_RANK") ?? "0",
                comm?.Size.ToString() ?? Environment.GetEnvironmentVariable("PMI_SIZE") ?? "1", exception);
            if (comm is null)
            {
                PmiConnection.Abort(code);
            }

            if (comm is not null && exception is CommunicationException { IsTimeout: true })
            {
                // The rank that it names may itself wait, for the one that is silent, and is about to say so.
                TimeSpan share = comm.Deadline / GraceShare;
                Thread.Sleep(share < s_grace ? share : s_grace);
            }

            comm?.Abort(code);
            return code;
        }
    }

    /// <summary>The same program, line and exit code with <paramref name="size"/> ranks as threads of this process.</summary>
    /// <inheritdoc cref="Run"/>
    public static int RunInProcess(int size, Func<Communicator, int> program, TextWriter log, Func<Exception, int> exitCode)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        int[] codes = new int[size];
        InProcessFailure? failure = InProcessWorld.TryRun(size, comm => codes[comm.Rank] = EndTogether(comm, program(comm)));
        switch (failure)
        {
            case null:
                return codes[0];
            case { Exception: AbortedException aborted }:
                return aborted.ExitCode;
            default:
                Report(log, failure.Rank.ToString(), size.ToString(), failure.Exception);
                return exitCode(failure.Exception);
        }
    }

    /// <summary>The first nonzero exit code in rank order, on every rank; mpiexec would return the bitwise or of different ones.</summary>
    private static int EndTogether(Communicator comm, int code)
    {
        if (code != 0 && (comm.Deadline > s_grace || comm.Deadline == Timeout.InfiniteTimeSpan))
        {
            comm.Deadline = s_grace;
        }

        try
        {
            int[] codes = new int[comm.Size];
            comm.Allgather(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(ref code)), MemoryMarshal.AsBytes(codes.AsSpan()));
            return codes.FirstOrDefault(other => other != 0);
        }
        catch (CommunicationException) when (code != 0)
        {
            comm.Abort(code);
            return code;
        }
    }

    private static void Report(TextWriter log, string rank, string size, Exception exception)
    {
        log.WriteLine($"[{rank}/{size} {Environment.MachineName}] {exception.Message.ReplaceLineEndings(" ")}");
        log.Flush();
    }
}
