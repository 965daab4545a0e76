using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using DeeperThings.Mpi;
using DeeperThings.Tensors;

namespace DeeperThings.Execution.Profiling;

/// <summary>What the link of one rank carries; 0 for a single rank.</summary>
/// <param name="PairBytesPerSecond">Of the fastest of its pairs, each rank sending to one and receiving from one.</param>
/// <param name="SendBytesPerSecond">While it alone sends, to all others.</param>
/// <param name="ReceiveBytesPerSecond">While it alone receives, from all others.</param>
/// <param name="BothBytesPerSecond">In each direction, while it alone sends to all others and receives from all of them at once.</param>
/// <param name="LatencySeconds">Of a small message, while each rank sends one to all others.</param>
public readonly record struct LinkMeasurement(double PairBytesPerSecond, double SendBytesPerSecond, double ReceiveBytesPerSecond, double BothBytesPerSecond, double LatencySeconds)
{
    /// <summary>What it sends, and receives, at most: the others may have been too slow for it.</summary>
    [JsonIgnore]
    public (double Sent, double Received) FastestBytesPerSecond => (Math.Max(SendBytesPerSecond, PairBytesPerSecond), Math.Max(ReceiveBytesPerSecond, PairBytesPerSecond));

    /// <summary>How many times what it carries in one direction it carries in both at once, from 1 to 2.</summary>
    [JsonIgnore]
    public double Duplex => FastestBytesPerSecond is var (sent, received) && sent > 0 && received > 0 ? Math.Clamp(BothBytesPerSecond * ((1 / sent) + (1 / received)), 1, 2) : 2;
}

/// <summary>Measures what messages take: between pairs, and from and to each rank while the others send and receive nothing else. Medians.</summary>
internal sealed class LinkMeter(Communicator comm, Action<double> progress) : IDisposable
{
    private const int Repeats = 3;
    private const int SmallCount = 16;
    private const int LeastCount = 16 * 1024;

    /// <summary>Floats of all messages of a rank together.</summary>
    private const int MostCount = 8 * 1024 * 1024;

    /// <summary>
    /// Messages are made so large, and where they may not be larger so many, that they take this long: many slices of a limited processor, which may have up to one in advance.
    /// </summary>
    private const double Enough = 0.15;

    private const int MostTimes = 256;

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
        while (count < most && SlowestSeconds(() => Swap(arena, 1, 1, count)) < Enough)
        {
            count = Math.Min(2 * count, most);
        }

        double pair = 0;
        for (int distance = 1; distance < size; distance++)
        {
            int at = distance;
            pair = Math.Max(pair, count * sizeof(float) / MedianSeconds(() => Swap(arena, at, at, count)));
            progress(distance / (2.0 * size));
        }

        (double send, double receive, double both) = (0, 0, 0);
        int part = Math.Max(1, count / (size - 1));
        double bytes = (size - 1.0) * part * sizeof(float);
        for (int root = 0; root < size; root++)
        {
            int at = root;
            double scatter = MedianSeconds(() => Scatter(arena, at, part));
            double gather = MedianSeconds(() => Move(arena, at, part, rootReceives: true));
            double swap = MedianSeconds(() => Move(arena, at, part, rootSends: true, rootReceives: true));
            if (comm.Rank == root)
            {
                (send, receive, both) = (bytes / scatter, bytes / gather, bytes / swap);
            }

            progress((size + root) / (2.0 * size));
        }

        double latency = MedianSeconds(Meet) / (size - 1);
        progress(1);
        return new(pair, send, receive, both, latency);
    }

    /// <summary>Exchanges small messages with all other ranks.</summary>
    public void Meet() => Swap(_small, 1, comm.Size - 1, SmallCount);

    /// <summary>The most of what the ranks say.</summary>
    public double Slowest(double seconds)
    {
        double[] all = new double[comm.Size];
        comm.Allgather(MemoryMarshal.AsBytes(new ReadOnlySpan<double>(ref seconds)), MemoryMarshal.AsBytes(all.AsSpan()));
        return all.Max();
    }

    public void Dispose() => _small.Dispose();

    /// <summary>Seconds of this rank in <paramref name="exchange"/>, of which as many follow one another as take long enough on the slowest rank.</summary>
    private double MedianSeconds(Action exchange)
    {
        int times = (int)Math.Clamp(Math.Ceiling(Enough / SlowestSeconds(exchange)), 1, MostTimes);
        double[] seconds = new double[Repeats];
        for (int i = 0; i < Repeats; i++)
        {
            seconds[i] = Seconds(exchange, times);
        }

        Array.Sort(seconds);
        return seconds[Repeats / 2];
    }

    private double Seconds(Action exchange, int times)
    {
        comm.Barrier();
        long begin = Stopwatch.GetTimestamp();
        for (int time = 0; time < times; time++)
        {
            exchange();
        }

        return Stopwatch.GetElapsedTime(begin).TotalSeconds / times;
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
        Move(arena, root, count, rootSends: true);
        Move(_small, root, SmallCount, rootReceives: true);
    }

    /// <summary>The root sends to all others, or receives from them, or both at once.</summary>
    private void Move(Arena arena, int root, int count, bool rootSends = false, bool rootReceives = false)
    {
        bool isRoot = comm.Rank == root;
        for (int distance = 1; distance < (isRoot ? comm.Size : 2); distance++)
        {
            int peer = isRoot ? (root + distance) % comm.Size : root;
            if (isRoot ? rootReceives : rootSends)
            {
                _exchange.Receive(Place(arena, 2 * (distance - 1), count), peer, 0);
            }

            if (isRoot ? rootSends : rootReceives)
            {
                _exchange.Send(Place(arena, (2 * (distance - 1)) + 1, count), peer, 0);
            }
        }

        _exchange.Wait();
    }

    private static NativeBuffer Place(Arena arena, int index, int count) => arena.Buffer((long)index * count * sizeof(float), count);

    /// <summary>Seconds of the slowest rank in <paramref name="exchange"/>, once.</summary>
    private double SlowestSeconds(Action exchange) => Slowest(Seconds(exchange, 1));
}
