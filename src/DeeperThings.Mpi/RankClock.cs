using System.Diagnostics;
using System.Runtime.InteropServices;
using DeeperThings.Tensors;

namespace DeeperThings.Mpi;

/// <summary>How a rank's <see cref="Stopwatch"/> stands to the root's: its ticks minus <paramref name="Offset"/> are the root's, to within <paramref name="Error"/> ticks.</summary>
public readonly record struct RankClock(long Offset, long Error)
{
    private const int RoundTrips = 40;
    private const int Tag = 0;
    private const int FloatsPerTime = sizeof(long) / sizeof(float);

    /// <summary>
    /// Compares all clocks with that of <paramref name="root"/>, which asks each rank for its time: of the round trips the shortest one counts, and the answer was
    /// given somewhere within it (Cristian, "Probabilistic clock synchronization", 1989). Collective; its messages count as payload.
    /// </summary>
    /// <param name="comm">The ranks.</param>
    /// <param name="root">Whose clock is everybody's.</param>
    /// <param name="now">A rank's clock; <see cref="Stopwatch.GetTimestamp"/> by default.</param>
    /// <returns>The clocks of all ranks, on every rank.</returns>
    /// <exception cref="CommunicationException">A rank does not answer.</exception>
    public static RankClock[] Compare(Communicator comm, int root, Func<long>? now = null)
    {
        now ??= Stopwatch.GetTimestamp;
        var clocks = new RankClock[comm.Size];
        Exchange exchange = comm.CreateExchange(1);
        using var memory = new Arena(sizeof(long));
        NativeBuffer message = memory.Buffer(0, FloatsPerTime);
        Span<long> time = MemoryMarshal.Cast<float, long>(message.Span);
        for (int rank = 0; rank < comm.Size; rank++)
        {
            if (rank != root && comm.Rank == root)
            {
                clocks[rank] = Ask(exchange, message, rank, now);
            }
            else if (rank != root && comm.Rank == rank)
            {
                for (int trip = 0; trip < RoundTrips; trip++)
                {
                    exchange.Receive(message, root, Tag);
                    exchange.Wait();
                    time[0] = now();
                    exchange.Send(message, root, Tag);
                    exchange.Wait();
                }
            }
        }

        comm.Bcast(MemoryMarshal.AsBytes(clocks.AsSpan()), root);
        return clocks;
    }

    private static RankClock Ask(Exchange exchange, NativeBuffer message, int rank, Func<long> now)
    {
        var best = new RankClock(0, long.MaxValue);
        for (int trip = 0; trip < RoundTrips; trip++)
        {
            long asked = now();
            exchange.Send(message, rank, Tag);
            exchange.Wait();
            exchange.Receive(message, rank, Tag);
            exchange.Wait();
            long answered = now();
            long error = ((answered - asked) / 2) + 1;
            if (error < best.Error)
            {
                best = new(MemoryMarshal.Cast<float, long>(message.Span)[0] - asked - ((answered - asked) / 2), error);
            }
        }

        return best;
    }
}
