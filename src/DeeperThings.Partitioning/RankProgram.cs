using System.Collections.Immutable;

namespace DeeperThings.Partitioning;

/// <summary>What one rank does for one inference: a flat list of steps over one arena and its own weights.</summary>
public sealed record RankProgram
{
    public required int Rank { get; init; }

    public required int Ranks { get; init; }

    public required ImmutableArray<Step> Steps { get; init; }

    /// <summary>Bytes of feature maps, messages and scratch.</summary>
    public required long ArenaBytes { get; init; }

    /// <summary>Bytes of packed weights and biases.</summary>
    public required long WeightsBytes { get; init; }

    /// <summary>Floating-point operations, redundant ones included.</summary>
    public required long Flops { get; init; }

    public long FootprintBytes => ArenaBytes + WeightsBytes;

    public long BytesSent => Sends.Sum(message => message.Bytes);

    public int Messages => Sends.Count();

    public long BytesReceived => Steps.Sum(step => step switch
    {
        RedistributeStep redistribute => redistribute.Receives.Sum(message => message.Bytes),
        ReduceScatterStep reduce => reduce.Sums.Where(sum => sum.Peer != Rank).Sum(sum => sum.Place.Region.Bytes),
        _ => 0,
    });

    private IEnumerable<Message> Sends => Steps.SelectMany(SendsOf);

    /// <summary>Bytes of a layer's output (or of the network's input), partial sums included, that this rank sends.</summary>
    public long BytesSentOf(int layer) => BytesRedistributedOf(layer) + BytesReducedOf(layer);

    /// <summary>Bytes of a layer's output (or of the network's input) that this rank sends to those who read it.</summary>
    public long BytesRedistributedOf(int layer) => Steps.OfType<RedistributeStep>().Where(step => step.Layer == layer).SelectMany(SendsOf).Sum(message => message.Bytes);

    /// <summary>Bytes of a layer's partial sums that this rank sends to their owners.</summary>
    public long BytesReducedOf(int layer) => Steps.OfType<ReduceScatterStep>().Where(step => step.Layer == layer).SelectMany(SendsOf).Sum(message => message.Bytes);

    private static IEnumerable<Message> SendsOf(Step step) => step switch
    {
        RedistributeStep redistribute => redistribute.Sends,
        ReduceScatterStep reduce => reduce.Sends,
        _ => [],
    };
}
