using System.Diagnostics;
using System.Runtime.InteropServices;
using DeeperThings.Mpi;
using DeeperThings.Tensors;

namespace DeeperThings.Execution.Profiling;

/// <summary>Measures what messages take: between pairs, and while all ranks send to all others. Medians.</summary>
internal sealed class LinkMeter(Communicator comm, Action<double> progress) : IDisposable
{
    private const int Repeats = 5;
    private const int SmallRepeats = 50;
    private const int SmallCount = 16;
    private const int LeastCount = 16 * 1024;

    /// <summary>Floats of all messages of a rank together.</summary>
    private const int MostCount = 8 * 1024 * 1024;

    /// <summary>Messages are made so large that they take this long.</summary>
    private const double Enough = 0.1;

    private readonly Exchange _meeting = comm.CreateExchange(2 * (comm.Size - 1));
    private readonly Arena _small = new(2L * comm.Size * SmallCount * sizeof(float));

    public (double PairBytesPerSecond, double CollectiveBytesPerSecond, double LatencySeconds) Measure()
    {
        int size = comm.Size;
        if (size == 1)
        {
            return default;
        }

        int most = MostCount / (2 * (size - 1));
        using var arena = new Arena(2L * (size - 1) * most * sizeof(float));
        Exchange exchange = comm.CreateExchange(2 * (size - 1));
        int count = Math.Min(LeastCount, most);
        while (count < most && Slowest(Seconds(arena, exchange, 1, 1, count, 1)) < Enough)
        {
            count = Math.Min(2 * count, most);
        }

        double bytes = (double)count * sizeof(float);
        double pair = 0;
        for (int distance = 1; distance < size; distance++)
        {
            pair = Math.Max(pair, bytes / Seconds(arena, exchange, distance, distance, count, Repeats));
            progress((double)distance / size);
        }

        double collective = (size - 1) * bytes / Seconds(arena, exchange, 1, size - 1, count, Repeats);
        double latency = Seconds(arena, exchange, 1, size - 1, SmallCount, SmallRepeats) / (size - 1);
        progress(1);
        return (pair, collective, latency);
    }

    /// <summary>Median seconds until this rank has sent to and received from the ranks at the distances <paramref name="first"/> to <paramref name="last"/>.</summary>
    private double Seconds(Arena arena, Exchange exchange, int first, int last, int count, int repeats)
    {
        double[] seconds = new double[repeats];
        for (int i = -1; i < repeats; i++)
        {
            comm.Barrier();
            long begin = Stopwatch.GetTimestamp();
            Swap(arena, exchange, first, last, count);
            if (i >= 0)
            {
                seconds[i] = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            }
        }

        Array.Sort(seconds);
        return seconds[repeats / 2];
    }

    /// <summary>Exchanges small messages with all other ranks.</summary>
    public void Meet() => Swap(_small, _meeting, 1, comm.Size - 1, SmallCount);

    public void Dispose() => _small.Dispose();

    /// <summary>Sends to the ranks at these distances, and receives from those as far behind.</summary>
    private void Swap(Arena arena, Exchange exchange, int first, int last, int count)
    {
        for (int distance = first; distance <= last; distance++)
        {
            long place = 2L * (distance - first) * count * sizeof(float);
            exchange.Receive(arena.Buffer(place, count), (comm.Rank - distance + comm.Size) % comm.Size, 0);
            exchange.Send(arena.Buffer(place + ((long)count * sizeof(float)), count), (comm.Rank + distance) % comm.Size, 0);
        }

        exchange.Wait();
    }

    private double Slowest(double seconds)
    {
        double[] all = new double[comm.Size];
        comm.Allgather(MemoryMarshal.AsBytes(new ReadOnlySpan<double>(ref seconds)), MemoryMarshal.AsBytes(all.AsSpan()));
        return all.Max();
    }
}
