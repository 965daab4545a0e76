using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>A layer with trained weights: one filter and (except for <see cref="LocallyConnected"/>) one bias per output channel.</summary>
public abstract record WeightedLayer : Layer
{
    public required Activation Activation { get; init; }

    /// <summary>Whether the file has batch-norm statistics; they are folded into weights and bias when read.</summary>
    public bool BatchNormalized { get; init; }

    public int Filters => Output.Channels;

    /// <summary>Input channels that one filter reads.</summary>
    public int ChannelsPerFilter => InputShapes[0].Channels / GroupCount;

    /// <summary>Weights of one filter for one input channel.</summary>
    public abstract long WeightsPerChannel { get; }

    /// <summary>Weights of one filter.</summary>
    public long WeightsPerFilter => ChannelsPerFilter * WeightsPerChannel;

    public override long Parameters => (Filters * WeightsPerFilter) + (Filters * (BatchNormalized ? 4L : 1L));
}
