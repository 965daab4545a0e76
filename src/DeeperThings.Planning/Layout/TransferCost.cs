using System.Collections.Immutable;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Tensors;

namespace DeeperThings.Planning.Layout;

/// <summary>What a set of transfers that happen together costs.</summary>
internal readonly record struct TransferCost(long Nanoseconds, long Bytes)
{
    /// <summary>max_r (link_r(sent_r, received_r) + messages_r·latency_r + copied_r·copy_r), with the messages of <see cref="Redistribution.Messages"/>.</summary>
    /// <param name="source">What each rank stores of what it sends.</param>
    /// <param name="target">What each rank stores of what it receives; nothing where all that it receives is added up.</param>
    /// <param name="local">Bytes that each rank copies from what it owns.</param>
    /// <param name="columns">All columns of the map.</param>
    /// <param name="wire">How it is sent.</param>
    public static TransferCost Of(IReadOnlyCollection<Transfer> transfers, ClusterProfile cluster, IReadOnlyList<Region> source, IReadOnlyList<Region> target, ReadOnlySpan<long> local, Interval columns, ElementType wire)
    {
        if (transfers.Count == 0)
        {
            return default;
        }

        int ranks = cluster.Hosts.Length;
        Span<long> sent = stackalloc long[ranks];
        Span<long> received = stackalloc long[ranks];
        Span<long> copied = stackalloc long[ranks];
        local.CopyTo(copied);
        Span<int> messagesSent = stackalloc int[ranks];
        Span<int> messagesReceived = stackalloc int[ranks];
        long bytes = 0;
        foreach ((int from, int to, ImmutableArray<Region> pieces) in Redistribution.Messages(transfers, columns))
        {
            long count = pieces.Sum(piece => piece.Count);
            long message = wire.Room(count) * sizeof(float);
            bytes += message;
            sent[from] += message;
            received[to] += message;
            copied[from] += Staging.Bytes(source[from], pieces, wire) > 0 ? count * sizeof(float) : 0;
            copied[to] += Staging.Bytes(target[to], pieces, wire) > 0 ? count * sizeof(float) : 0;
            messagesSent[from]++;
            messagesReceived[to]++;
        }

        double seconds = 0;
        for (int rank = 0; rank < ranks; rank++)
        {
            seconds = Math.Max(seconds, cluster.TransferSeconds(rank, sent[rank], received[rank], Math.Max(messagesSent[rank], messagesReceived[rank]), copied[rank]));
        }

        return new(WholeNanoseconds.Of(seconds), bytes);
    }
}

/// <summary>Seconds as whole nanoseconds, so that sums and comparisons of plans are exact.</summary>
internal static class WholeNanoseconds
{
    public const double PerSecond = 1e9;

    public static long Of(double seconds) => checked((long)Math.Round(seconds * PerSecond));

    public static double ToSeconds(long nanoseconds) => nanoseconds / PerSecond;
}
