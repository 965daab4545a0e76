using System.Collections.Immutable;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>When messages are packed, and in how many rounds they are exchanged.</summary>
public static class Staging
{
    /// <summary>Up to so many bytes of a rank's packed messages, one round is worth more than memory.</summary>
    private const long OneRoundBytes = 16 * 1024;

    /// <summary>Bytes to pack a message of <paramref name="pieces"/> of a map that stores <paramref name="stored"/>; 0 where it is one run of it.</summary>
    /// <param name="wire">How it is sent; float16 is packed in any case.</param>
    public static long Bytes(Region stored, IReadOnlyList<Region> pieces, ElementType wire = ElementType.Float32) =>
        wire == ElementType.Float32 && pieces.Count == 1 && FeatureMap.IsContiguous(stored, pieces[0]) ? 0 : wire.Room(pieces.Sum(piece => piece.Count)) * sizeof(float);

    /// <summary>Splits transfers into rounds; one where little or nothing is packed.</summary>
    /// <param name="source">What each rank stores of what it owns.</param>
    /// <param name="target">What each rank stores of what it needs.</param>
    /// <param name="columns">All columns of the map.</param>
    internal static List<Transfer>[] Rounds(List<Transfer> transfers, IReadOnlyList<Region> source, IReadOnlyList<Region> target, Interval columns, ElementType wire)
    {
        int ranks = source.Count;
        return PerRank(transfers, source, target, columns, wire).Max(bytes => bytes.All) <= OneRoundBytes
            ? [transfers]
            : [.. Enumerable.Range(1, ranks - 1).Select(distance => transfers.Where(transfer => (transfer.To - transfer.From + ranks) % ranks == distance).ToList())];
    }

    /// <summary>Bytes that each rank packs and unpacks: of all messages, and of one round of them, each message's aligned.</summary>
    private static (long All, long Round)[] PerRank(IReadOnlyCollection<Transfer> transfers, IReadOnlyList<Region> source, IReadOnlyList<Region> target, Interval columns, ElementType wire)
    {
        int ranks = source.Count;
        var all = new long[ranks];
        var round = new long[ranks, ranks];
        foreach ((int from, int to, ImmutableArray<Region> pieces) in Redistribution.Messages(transfers, columns))
        {
            Count(from, source[from]);
            Count(to, target[to]);

            void Count(int rank, Region stored)
            {
                long bytes = Arena.Align(Bytes(stored, pieces, wire));
                all[rank] += bytes;
                round[rank, (to - from + ranks) % ranks] += bytes;
            }
        }

        return [.. all.Select((bytes, rank) => (bytes, Enumerable.Range(0, ranks).Max(distance => round[rank, distance])))];
    }

    /// <summary>Bytes that each rank packs and unpacks at a time.</summary>
    public static long[] AtATime(IReadOnlyCollection<Transfer> transfers, IReadOnlyList<Region> source, IReadOnlyList<Region> target, Interval columns, ElementType wire)
    {
        (long All, long Round)[] bytes = PerRank(transfers, source, target, columns, wire);
        bool inRounds = bytes.Max(rank => rank.All) > OneRoundBytes;
        return [.. bytes.Select(rank => inRounds ? rank.Round : rank.All)];
    }
}
