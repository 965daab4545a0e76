namespace DeeperThings.Mpi;

/// <summary>A lock, and a wait with a deadline for what other threads change under it. Allocates nothing.</summary>
internal sealed class Signal
{
    /// <summary>Takes the lock and wakes every waiter, which then looks again.</summary>
    public void Raise()
    {
        lock (this)
        {
            Monitor.PulseAll(this);
        }
    }

    /// <summary>Waits, the lock being held, for the next wake-up. False when <paramref name="deadline"/> has passed since <paramref name="since"/>.</summary>
    /// <param name="since">In milliseconds of <see cref="Environment.TickCount64"/>.</param>
    public bool Wait(long since, TimeSpan deadline)
    {
        if (deadline == Timeout.InfiniteTimeSpan)
        {
            return Monitor.Wait(this);
        }

        double left = deadline.TotalMilliseconds - (Environment.TickCount64 - since);
        if (left <= 0)
        {
            return false;
        }

        Monitor.Wait(this, (int)Math.Min(Math.Ceiling(left), int.MaxValue));
        return true;
    }
}
