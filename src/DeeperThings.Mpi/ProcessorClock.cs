namespace DeeperThings.Mpi;

/// <summary>What the processor has done for one thread; it stands still while the thread waits, or is stopped by a limit.</summary>
public static unsafe class ProcessorClock
{
    private const int ThreadClock = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>Seconds of the processor that the calling thread has used.</summary>
    public static double ThreadSeconds
    {
        get
        {
            long* time = stackalloc long[2];
            _ = Libc.clock_gettime(ThreadClock, time);
            return time[0] + (time[1] * 1e-9);
        }
    }
}
