namespace DeeperThings.Mpi;

/// <summary>Standard output and error of a rank: pipes that mpiexec reads.</summary>
internal static unsafe class StandardStreams
{
    private const int Output = 1;
    private const int Error = 2;
    private const int WriteOnly = 1; // O_WRONLY
    private const uint UnreadBytes = 0x541b; // FIONREAD

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Returns when mpiexec has read what this process wrote, at most after a second. An abort travels on another line
    /// and would overtake it, and mpiexec would drop the very message that says why.
    /// </summary>
    public static void Drain()
    {
        var loop = new WaitLoop(s_limit);
        while ((HasUnread(Output) || HasUnread(Error)) && !loop.IsExpired)
        {
            loop.Pause();
        }
    }

    /// <summary>Sends what native code prints from now on to nowhere.</summary>
    public static void CloseError() => _ = Libc.dup2(Libc.open("/dev/null", WriteOnly), Error);

    private static bool HasUnread(int descriptor)
    {
        int bytes;
        return Libc.ioctl(descriptor, UnreadBytes, &bytes) == 0 && bytes > 0;
    }
}
