using System.Runtime.ExceptionServices;

namespace DeeperThings.Kernels;

/// <summary>
/// A fixed set of threads that run the pieces of one work at a time; the caller is one of them. Pieces are claimed by a shared counter,
/// so nothing may depend on which thread runs which piece. Only one thread may call <see cref="Run"/> at a time.
/// </summary>
public sealed unsafe class WorkerPool : IDisposable
{
    // Ranks share cores with each other: spin only as long as a wake-up would cost.
    private const int SpinCount = 50;

    private readonly object _gate = new();
    private readonly Thread[] _helpers;
    private delegate*<void*, int, void> _invoke;
    private void* _work;
    private int _count;
    private int _next;
    private int _running;
    private volatile int _generation;
    private int _waiting;
    private ExceptionDispatchInfo? _failure;
    private bool _disposed;

    /// <param name="threads">Threads that compute, with the caller.</param>
    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        Threads = threads;
        _helpers = new Thread[threads - 1];
        for (int i = 0; i < _helpers.Length; i++)
        {
            _helpers[i] = new Thread(Help) { IsBackground = true, Name = $"kernel {i + 1}" };
            _helpers[i].Start();
        }
    }

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
        lock (_gate)
        {
            _invoke = invoke;
            _work = work;
            _count = count;
            _next = 0;
            _failure = null;
            Volatile.Write(ref _running, _helpers.Length);
            _generation++;
            if (_waiting > 0)
            {
                Monitor.PulseAll(_gate);
            }
        }

        Drain();

        // Every helper reports, also one that found nothing left: none may still look at this work when the next one is set.
        for (int spin = 0; Volatile.Read(ref _running) != 0 && spin < SpinCount; spin++)
        {
            Thread.SpinWait(20);
        }

        if (Volatile.Read(ref _running) != 0)
        {
            lock (_gate)
            {
                while (_running != 0)
                {
                    Monitor.Wait(_gate);
                }
            }
        }

        _failure?.Throw();
    }

    private void Drain()
    {
        try
        {
            for (int index = Interlocked.Increment(ref _next) - 1; index < _count; index = Interlocked.Increment(ref _next) - 1)
            {
                _invoke(_work, index);
            }
        }
#pragma warning disable CA1031 // Any exception of a piece is the caller's, who is on another thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
            Volatile.Write(ref _next, _count);
        }
    }

    private void Help()
    {
        for (int seen = 0; ; seen++)
        {
            for (int spin = 0; _generation == seen && spin < SpinCount; spin++)
            {
                Thread.SpinWait(20);
            }

            lock (_gate)
            {
                _waiting++;
                while (_generation == seen && !_disposed)
                {
                    Monitor.Wait(_gate);
                }

                _waiting--;
                if (_disposed)
                {
                    return;
                }
            }

            Drain();
            lock (_gate)
            {
                if (--_running == 0)
                {
                    Monitor.PulseAll(_gate);
                }
            }
        }
    }
}
