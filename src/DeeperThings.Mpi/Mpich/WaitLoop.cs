using System.Diagnostics;

namespace DeeperThings.Mpi;

/// <summary>
/// What a rank does between two tests for completion. MPICH's own waits poll without ever yielding, which costs about 20 ms a call
/// when there are more ranks than cores; this loop gives the core away: some yields, then a sleep until the sockets have something or a part of the
/// time has passed in which no bytes have moved, within bounds: a long wait must not use up the processor time that this rank, or another on its core, needs.
/// While bytes move it does not pause: a socket's buffer is full or empty soon, and then the other side waits.
/// </summary>
internal struct WaitLoop(TimeSpan deadline)
{
    private const int YieldCount = 20;

    // A test that finds nothing takes a few microseconds, one that copies from or to a socket longer.
    private const double IdleTestMicroseconds = 20;

    // Linux: the policy of sched_setattr(2) under which a yield gives up the rest of the period.
    private const int DeadlinePolicy = 6;
    private const int ResetOnFork = 0x40000000;

    private static readonly bool s_yields = (Libc.sched_getscheduler(0) & ~ResetOnFork) != DeadlinePolicy;

    private static readonly TimeSpan s_lookInterval = TimeSpan.FromMilliseconds(100);

    // Messages through memory come without an event: then a rank looks often.
    private static readonly SleepBounds s_looking = new(1.0 / 20, 50, 250);

    // An event ends a sleep: looking is for those that are missed, if there are any.
    private static readonly SleepBounds s_listening = new(1.0 / 4, 500, 50_000);

    private static SleepBounds s_sleeps = s_looking;
    private static bool s_mayListen;

    private long _start = Stopwatch.GetTimestamp();
    private long _quietSince = Stopwatch.GetTimestamp();
    private long _testStart = Stopwatch.GetTimestamp();
    private long _lookedAt = Stopwatch.GetTimestamp();
    private int _pauseCount;
    private bool _wasWoken;
    private bool _mayHaveMoved = true;

    /// <summary>How long a rank sleeps.</summary>
    /// <param name="QuietShare">Part of the time in which no bytes have moved.</param>
    private readonly record struct SleepBounds(double QuietShare, double LeastMicroseconds, double MostMicroseconds)
    {
        public double Of(double quietMicroseconds) => Math.Clamp(quietMicroseconds * QuietShare, LeastMicroseconds, MostMicroseconds);
    }

    /// <summary>True when the deadline has passed since the start or the last <see cref="Restart"/>.</summary>
    public readonly bool IsExpired => deadline != Timeout.InfiniteTimeSpan && Stopwatch.GetElapsedTime(_start) >= deadline;

    /// <summary>
    /// True about every 100 ms, and when the deadline has passed: then to look for what has completed singly and <see cref="Restart"/>. A rank that did so only at its deadline would restart it then, and others,
    /// which wait for that rank in turn, would name it in place of the silent one.
    /// </summary>
    public bool IsLookDue()
    {
        if (!IsExpired && Stopwatch.GetElapsedTime(_lookedAt) < s_lookInterval)
        {
            return false;
        }

        _lookedAt = Stopwatch.GetTimestamp();
        return true;
    }

    /// <summary>Finds the native functions and the policy now: a first call allocates, and whether an inference is the first to sleep is chance.</summary>
    public static void Prepare()
    {
        _ = s_yields;
        _ = SocketEvents.Wait(0);
        _ = Libc.usleep(0);
        _ = Libc.sched_yield();
    }

    /// <summary>From now on sleeps are ended by <see cref="SocketEvents"/>, if there are any.</summary>
    /// <param name="isAloneOnHost">Whether all that others send comes through sockets, so that no event is missed in a long sleep.</param>
    public static void ListenToSockets(bool isAloneOnHost)
    {
        SocketEvents.Find();
        if (SocketEvents.Exist && isAloneOnHost)
        {
            s_mayListen = true;
            s_sleeps = s_looking with { MostMicroseconds = s_listening.MostMicroseconds };
        }
    }

    public void Restart() => _start = Stopwatch.GetTimestamp();

    /// <summary>After a test for completion that found some missing.</summary>
    public void Pause()
    {
        long now = Stopwatch.GetTimestamp();
        if (_mayHaveMoved && Stopwatch.GetElapsedTime(_testStart, now).TotalMicroseconds > IdleTestMicroseconds)
        {
            if (_wasWoken && s_mayListen)
            {
                // Bytes do come through the sockets; where they come by other ways there are sockets too.
                s_sleeps = s_listening;
            }

            _quietSince = now;
            _testStart = now;
            return;
        }

        if (!s_yields || ++_pauseCount % (YieldCount + 1) == 0)
        {
            Sleep(Stopwatch.GetElapsedTime(_quietSince, now).TotalMicroseconds);
        }
        else
        {
            _ = Libc.sched_yield();
        }

        _testStart = Stopwatch.GetTimestamp();
    }

    private void Sleep(double quiet)
    {
        if (_wasWoken)
        {
            // What woke it was no work, or the little that came at first: an event that nobody takes must not keep the core busy.
            _ = Libc.usleep((uint)s_looking.LeastMicroseconds);
            _wasWoken = false;
        }
        else
        {
            // A test that takes long though there was no event was interrupted: on a busy or limited core most are.
            _wasWoken = SocketEvents.Wait(s_sleeps.Of(quiet));
            _mayHaveMoved = _wasWoken || s_sleeps != s_listening;
        }
    }
}
