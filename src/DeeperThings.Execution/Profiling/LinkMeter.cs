using System.Diagnostics;
using System.Runtime.InteropServices;
using DeeperThings.Mpi;
using DeeperThings.Tensors;

namespace DeeperThings.Execution.Profiling;

/// <summary>What the link of one rank carries; 0 for a single rank.</summary>
/// <param name="PairBytesPerSecond">Of the fastest of its pairs, each rank sending to one and receiving from one.</param>
/// <param name="SendBytesPerSecond">While it alone sends, to all others.</param>
/// <param name="ReceiveBytesPerSecond">While it alone receives, from all others.</param>
/// <param name="CollectiveBytesPerSecond">In each direction, while each rank sends to all others at once.</param>
/// <param name="LatencySeconds">Of a small message, while each rank sends one to all others.</param>
public readonly record struct LinkMeasurement(double PairBytesPerSecond, double SendBytesPerSecond, double ReceiveBytesPerSecond, double CollectiveBytesPerSecond, double LatencySeconds);

/// <summary>Measures what messages take: between pairs, from and to each rank, and while all ranks send to all others. Medians.</summary>
internal sealed class LinkMeter(Communicator comm, Action<double> progress) : IDisposable
{
    private const int Repeats = 5;
    private const int RootRepeats = 3;
    private const int SmallRepeats = 10;
    private const int SmallTimes = 10;
    private const int SmallCount = 16;
    private const int LeastCount = 16 * 1024;

    /// <summary>Floats of all messages of a rank together.</summary>
    private const int MostCount = 8 * 1024 * 1024;

    /// <summary>
    /// Messages are made so large, and where they may not be larger so many, that they take this long: many slices of a limited processor, which may have up to one in advance.
    /// </summary>
    private const double Enough = 0.1;

    private const int MostTimes = 64;

    private readonly Exchange _exchange = comm.CreateExchange(2 * (comm.Size - 1));
    private readonly Arena _small = new(2L * comm.Size * SmallCount * sizeof(float));

    public LinkMeasurement Measure()
    {
        int size = comm.Size;
        if (size == 1)
        {
            return default;
        }

        int most = MostCount / (2 * (size - 1));
        using var arena = new Arena(2L * (size - 1) * most * sizeof(float));
        int count = Math.Min(LeastCount, most);
        double slowest;
        while ((slowest = Slowest(MedianSeconds(1, () => Swap(arena, 1, 1, count)))) < Enough && count < most)
        {
            count = Math.Min(2 * count, most);
        }

        int times = (int)Math.Clamp(Math.Ceiling(Enough / slowest), 1, MostTimes);
        double bytes = (double)count * sizeof(float);
        double pair = 0;
        for (int distance = 1; distance < size; distance++)
        {
            int at = distance;
            pair = Math.Max(pair, bytes / MedianSeconds(Repeats, () => Swap(arena, at, at, count), times));
            progress(distance / (2.0 * size));
        }

        (double send, double receive) = (0, 0);
        int part = Math.Max(1, count / (size - 1));
        for (int root = 0; root < size; root++)
        {
            int at = root;
            double scatter = MedianSeconds(RootRepeats, () => Scatter(arena, at, part), times);
            double gather = MedianSeconds(RootRepeats, () => Gather(arena, at, part), times);
            if (comm.Rank == root)
            {
                bytes = (size - 1.0) * part * sizeof(float);
                (send, receive) = (bytes / scatter, bytes / gather);
            }

            progress((size + root) / (2.0 * size));
        }

        double collective = (size - 1.0) * count * sizeof(float) / MedianSeconds(Repeats, () => Swap(arena, 1, size - 1, count), times);
        double latency = MedianSeconds(SmallRepeats, Meet, SmallTimes) / (size - 1);
        progress(1);
        return new(pair, send, receive, collective, latency);
    }

    /// <summary>Exchanges small messages with all other ranks.</summary>
    public void Meet() => Swap(_small, 1, comm.Size - 1, SmallCount);

    public void Dispose() => _small.Dispose();

    /// <summary>Seconds of this rank in <paramref name="exchange"/>, of which so many follow one another.</summary>
    private double MedianSeconds(int repeats, Action exchange, int times = 1)
    {
        double[] seconds = new double[repeats];
        for (int i = -1; i < repeats; i++)
        {
            comm.Barrier();
            long begin = Stopwatch.GetTimestamp();
            for (int time = 0; time < times; time++)
            {
                exchange();
            }

            if (i >= 0)
            {
                seconds[i] = Stopwatch.GetElapsedTime(begin).TotalSeconds / times;
            }
        }

        Array.Sort(seconds);
        return seconds[repeats / 2];
    }

    /// <summary>Sends to the ranks at these distances, and receives from those as far behind.</summary>
    private void Swap(Arena arena, int first, int last, int count)
    {
        for (int distance = first; distance <= last; distance++)
        {
            _exchange.Receive(Place(arena, 2 * (distance - first), count), (comm.Rank - distance + comm.Size) % comm.Size, 0);
            _exchange.Send(Place(arena, (2 * (distance - first)) + 1, count), (comm.Rank + distance) % comm.Size, 0);
        }

        _exchange.Wait();
    }

    /// <summary>The root sends to all others. It has sent what others have received: a message that has left may still wait in the root's memory.</summary>
    private void Scatter(Arena arena, int root, int count)
    {
        Move(arena, root, count, isRootSending: true);
        Move(_small, root, SmallCount, isRootSending: false);
    }

    private void Gather(Arena arena, int root, int count) => Move(arena, root, count, isRootSending: false);

    private void Move(Arena arena, int root, int count, bool isRootSending)
    {
        bool isRoot = comm.Rank == root;
        for (int distance = 1; distance < (isRoot ? comm.Size : 2); distance++)
        {
            int peer = isRoot ? (root + distance) % comm.Size : root;
            if (isRoot == isRootSending)
            {
                _exchange.Send(Place(arena, distance, count), peer, 0);
            }
            else
            {
                _exchange.Receive(Place(arena, distance, count), peer, 0);
            }
        }

        _exchange.Wait();
    }

    private static NativeBuffer Place(Arena arena, int index, int count) => arena.Buffer((long)index * count * sizeof(float), count);

    private double Slowest(double seconds)
    {
        double[] all = new double[comm.Size];
        comm.Allgather(MemoryMarshal.AsBytes(new ReadOnlySpan<double>(ref seconds)), MemoryMarshal.AsBytes(all.AsSpan()));
        return all.Max();
    }
}
