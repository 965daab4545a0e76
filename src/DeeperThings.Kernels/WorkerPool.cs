using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// A fixed set of threads that run the pieces of one work at a time; the caller is one of them. Each thread claims pieces of its own part of them, so that works that
/// follow each other find in its core's cache what it left there, and then of the parts of others; in runs that become shorter towards the end,
/// so nothing may depend on which thread runs which piece. Only one thread may call <see cref="Run"/> at a time.
/// </summary>
/// <remarks>
/// The caller waits for pieces, not for threads: a helper that sleeps, or whose core another process has, delays nothing that it has not begun. Who waits
/// looks for some microseconds, then lets others have the core between looks, and then sleeps.
/// </remarks>
public sealed unsafe class WorkerPool : IDisposable
{
    // Ranks share cores with each other: a helper bridges the serial part between two works, not more.
    private static readonly long _lookTicks = Stopwatch.Frequency / 50_000;
    private static readonly long _yieldTicks = Stopwatch.Frequency / 4_000;

    private const int RunsOfThread = 4;

    // Moving costs microseconds, and where others need the cores it does not last.
    private static readonly long _moveTicks = Stopwatch.Frequency / 200;

    private readonly object _gate = new();
    private readonly int[] _cores;
    private readonly Part[] _parts;
    private readonly Thread[] _helpers;
    private Shared _shared;
    private delegate*<void*, int, void> _invoke;
    private void* _work;
    private int _count;
    private ExceptionDispatchInfo? _failure;
    private volatile bool _disposed;

    /// <param name="threads">Threads that compute, with the caller.</param>
    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        Threads = threads;
        _parts = new Part[threads];
        _cores = new int[threads];
        Array.Fill(_cores, Core.Unknown);
        _helpers = new Thread[threads - 1];
        for (int i = 0; i < _helpers.Length; i++)
        {
            int helper = i + 1;
            _helpers[i] = new Thread(() => Help(helper)) { IsBackground = true, Name = $"kernel {i + 1}" };
            _helpers[i].Start();
        }
    }

    /// <summary>Runs all pieces on the calling thread; any number of threads may use it at a time.</summary>
    internal static WorkerPool Caller { get; } = new(1);

    public int Threads { get; }

    /// <summary>Invokes <paramref name="work"/> for every index in [0, <paramref name="count"/>) and returns when all are done.</summary>
    /// <remarks>The first exception of a piece is thrown here, after the pieces that had begun have ended; the others are not begun.</remarks>
    public void Run<TWork>(int count, ref TWork work)
        where TWork : unmanaged, IWork
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_helpers.Length == 0 || count <= 1)
        {
            for (int index = 0; index < count; index++)
            {
                work.Invoke(index);
            }

            return;
        }

        fixed (TWork* pinned = &work)
        {
            Dispatch(&Invoke<TWork>, pinned, count);
        }
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        lock (_gate)
        {
            _disposed = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread helper in _helpers)
        {
            helper.Join();
        }
    }

    private static void Invoke<TWork>(void* work, int index)
        where TWork : unmanaged, IWork => ((TWork*)work)->Invoke(index);

    private void Dispatch(delegate*<void*, int, void> invoke, void* work, int count)
    {
        _invoke = invoke;
        _work = work;
        _count = count;
        _failure = null;
        _shared.Done = 0;
        NoteCore(0, Core.Current);
        int number = Number(_parts[0].Pieces) + 1;
        for (int part = 0; part < Threads; part++)
        {
            Interlocked.Exchange(ref _parts[part].Pieces, Pieces(number, PartStart(part + 1, count) - PartStart(part, count)));
        }

        if (_shared.Sleeping > 0)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }

        Drain(0);
        if (!Look(static pool => pool.IsDone))
        {
            lock (_gate)
            {
                Interlocked.Exchange(ref _shared.CallerSleeps, 1);
                while (!IsDone)
                {
                    Monitor.Wait(_gate);
                }

                _shared.CallerSleeps = 0;
            }
        }

        _failure?.Throw();
    }

    private bool IsDone => Volatile.Read(ref _shared.Done) == _count;

    private bool HasPieces
    {
        get
        {
            foreach (ref Part part in _parts.AsSpan())
            {
                if (Left(Volatile.Read(ref part.Pieces)) > 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Runs pieces until none is left to claim. The work cannot change before the claimed ones are reported.</summary>
    private void Drain(int thread)
    {
        int done = 0;
        int count = 0;
        for (Interval pieces = Claim(thread, all: false); pieces.Length > 0; pieces = Claim(thread, all: false))
        {
            done += pieces.Length;
            count = _count;
            try
            {
                for (int piece = pieces.Start; piece < pieces.End; piece++)
                {
                    _invoke(_work, piece);
                }
            }
#pragma warning disable CA1031 // Any exception of a piece is the caller's, who is on another thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
                for (Interval rest = Claim(thread, all: true); rest.Length > 0; rest = Claim(thread, all: true))
                {
                    done += rest.Length;
                }
            }
        }

        if (done > 0 && Interlocked.Add(ref _shared.Done, done) == count && _shared.CallerSleeps != 0)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>The first piece of a part of <paramref name="count"/> pieces.</summary>
    private int PartStart(int part, int count) => (int)((long)count * part / Threads);

    /// <summary>Takes some pieces, or all, of the first part that has any left: a thread's own, then those behind it.</summary>
    private Interval Claim(int thread, bool all)
    {
        for (int i = 0; i < Threads; i++)
        {
            int part = (thread + i) % Threads;
            Interval left = ClaimOf(ref _parts[part].Pieces, all);
            if (left.Length > 0)
            {
                int end = PartStart(part + 1, _count);
                return new(end - left.End, end - left.Start);
            }
        }

        return default;
    }

    /// <summary>Takes some of the pieces that are left of a part, counted from its last one.</summary>
    private static Interval ClaimOf(ref long part, bool all)
    {
        long pieces = Volatile.Read(ref part);
        while (Left(pieces) > 0)
        {
            int left = Left(pieces);
            int rest = all ? 0 : left - Math.Max(1, left / RunsOfThread);
            long seen = Interlocked.CompareExchange(ref part, Pieces(Number(pieces), rest), pieces);
            if (seen == pieces)
            {
                return new(rest, left);
            }

            pieces = seen;
        }

        return default;
    }

    private void Help(int helper)
    {
        long moved = 0;
        while (!_disposed)
        {
            if (!Look(static pool => pool.HasPieces || pool._disposed))
            {
                lock (_gate)
                {
                    Interlocked.Increment(ref _shared.Sleeping);
                    while (!HasPieces && !_disposed)
                    {
                        Monitor.Wait(_gate);
                    }

                    Interlocked.Decrement(ref _shared.Sleeping);
                }
            }

            if (HasCompany(helper) && Stopwatch.GetTimestamp() - moved > _moveTicks)
            {
                Core.Leave(_cores);
                NoteCore(helper, Core.Current);
                moved = Stopwatch.GetTimestamp();
            }

            Drain(helper);
        }
    }

    /// <summary>Whether a helper was on the core of a thread before it when that last began.</summary>
    private bool HasCompany(int helper)
    {
        int core = Core.Current;
        NoteCore(helper, core);
        return core != Core.Unknown && _cores.AsSpan(0, helper).Contains(core);
    }

    private void NoteCore(int thread, int core)
    {
        // Written when it changes only: all threads read it.
        if (_cores[thread] != core)
        {
            Volatile.Write(ref _cores[thread], core);
        }
    }

    /// <summary>Waits a bounded time; whether the condition was met.</summary>
    private bool Look(Func<WorkerPool, bool> condition)
    {
        for (int i = 0; i < 64; i++)
        {
            if (condition(this))
            {
                return true;
            }
        }

        long begin = Stopwatch.GetTimestamp();
        while (!condition(this))
        {
            long waited = Stopwatch.GetTimestamp() - begin;
            if (waited > _yieldTicks)
            {
                return false;
            }

            if (waited < _lookTicks)
            {
                Thread.SpinWait(1);
            }
            else
            {
                Thread.Yield();
            }
        }

        return true;
    }

    // The number of the work stands beside how many of its pieces are left: who claims one has seen this work, and no other.
    private static long Pieces(int number, int left) => ((long)number << 32) | (uint)left;

    private static int Number(long pieces) => (int)(pieces >> 32);

    private static int Left(long pieces) => (int)pieces;

    /// <summary>What threads write at the same time, each on a pair of cache lines of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Shared
    {
        [FieldOffset(128)]
        public int Done;

        [FieldOffset(256)]
        public int Sleeping;

        [FieldOffset(260)]
        public int CallerSleeps;
    }

    /// <summary>One thread's part of the pieces.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Part
    {
        [FieldOffset(128)]
        public long Pieces;
    }
}
