namespace DeeperThings.Mpi;

/// <summary>All ranks meet, each leaves its bytes, and each takes everyone's: the one collective operation behind all others.</summary>
internal sealed class Rendezvous(InProcessWorld world, int size)
{
    private Round _round = new(size);

    public Signal Signal { get; } = new();

    /// <summary>What each rank brought, indexed by rank; the arrays are shared and must not be changed.</summary>
    /// <exception cref="CommunicationException">A rank did not come within <paramref name="deadline"/>; it is named.</exception>
    /// <exception cref="AbortedException">A rank failed.</exception>
    public byte[][] Meet(int rank, byte[] bytes, TimeSpan deadline)
    {
        Exception? failure = null;
        lock (Signal)
        {
            Round round = _round;
            round.Bytes[rank] = bytes;
            round.LastArrival = Environment.TickCount64;
            if (++round.ArrivedCount == size)
            {
                _round = new(size);
                Signal.Raise();
            }

            while (round.ArrivedCount < size && failure is null)
            {
                failure = world.Failure?.ForFollowers;
                if (failure is null && !Signal.Wait(round.LastArrival, deadline))
                {
                    failure = CommunicationException.NoAnswer(Enumerable.Range(0, size).Where(peer => round.Bytes[peer] is null), deadline);
                }
            }

            if (failure is null)
            {
                return round.Bytes;
            }
        }

        throw failure;
    }

    private sealed class Round(int size)
    {
        public byte[][] Bytes { get; } = new byte[size][];

        public int ArrivedCount { get; set; }

        public long LastArrival { get; set; }
    }
}
