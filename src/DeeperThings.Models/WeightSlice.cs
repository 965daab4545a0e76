using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>What is read of one layer's weights.</summary>
/// <param name="Layer">A layer of the network.</param>
/// <param name="Filters">Filters whose weights are read; none for biases alone.</param>
/// <param name="Channels">Input channels, within a filter's group, of which weights are read.</param>
/// <param name="Biases">Filters whose biases are read; where there are <paramref name="Filters"/>, they are among them.</param>
public readonly record struct WeightSlice(WeightedLayer Layer, Interval Filters, Interval Channels, Interval Biases)
{
    /// <summary>Output rows of a <see cref="LocallyConnected"/> layer, whose filters and biases differ by position.</summary>
    public Interval Rows { get; init; } = Interval.All(Layer is LocallyConnected ? Layer.Output.Rows : 1);

    /// <summary>Output columns of a <see cref="LocallyConnected"/> layer.</summary>
    public Interval Columns { get; init; } = Interval.All(Layer is LocallyConnected ? Layer.Output.Columns : 1);

    /// <summary>Weights of one filter.</summary>
    public int FilterLength => checked((int)(Channels.Length * Layer.WeightsPerChannel));

    /// <summary>Number of biases.</summary>
    public int BiasCount => checked(Biases.Length * Rows.Length * Columns.Length);

    /// <summary>Number of weights.</summary>
    public long WeightCount => (long)Filters.Length * Rows.Length * Columns.Length * FilterLength;

    /// <summary>Filters whose batch-norm scale and variance decide weights or biases.</summary>
    public Interval Scaled => Filters.IsEmpty ? Biases : Filters;

    /// <summary>All weights and biases of <paramref name="layer"/>.</summary>
    public static WeightSlice Whole(WeightedLayer layer) =>
        new(layer, Interval.All(layer.Filters), Interval.All(layer.ChannelsPerFilter), Interval.All(layer.Filters));

    /// <exception cref="ArgumentException">It is no part of a layer of <paramref name="network"/>.</exception>
    internal void Validate(Network network)
    {
        ArgumentNullException.ThrowIfNull(Layer);
        if (Layer.Index >= network.Layers.Length || network.Layers[Layer.Index] is not WeightedLayer)
        {
            throw new ArgumentException($"layer {Layer.Name} has no filters in {network.Name}", nameof(network));
        }

        Check(Filters, Layer.Filters, "filters");
        Check(Biases, Layer.Filters, "biases");
        Check(Channels, Layer.ChannelsPerFilter, "channels");
        Check(Rows, Layer is LocallyConnected ? Layer.Output.Rows : 1, "rows");
        Check(Columns, Layer is LocallyConnected ? Layer.Output.Columns : 1, "columns");
        if (!Filters.IsEmpty && !Filters.Contains(Biases))
        {
            throw new ArgumentException($"biases {Biases} of other filters than {Filters} of layer {Layer.Name}", nameof(network));
        }
    }

    private void Check(Interval interval, int length, string what)
    {
        if (interval.Start < 0 || interval.End > length)
        {
            throw new ArgumentOutOfRangeException(nameof(interval), $"{what} {interval} are not in layer {Layer.Name} with {length}");
        }
    }
}
