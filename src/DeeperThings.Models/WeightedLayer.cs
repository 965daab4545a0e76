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

/// <summary>Convolution over a zero-padded input; filters are stored [filter][channel][row][column].</summary>
public sealed record Convolution : WeightedLayer
{
    public required Window RowWindow { get; init; }

    public required Window ColumnWindow { get; init; }

    public int Groups { get; init; } = 1;

    public override string Window => $"{RowWindow.Size}x{ColumnWindow.Size}/{RowWindow.Stride}" + (Groups > 1 ? $" g{Groups}" : string.Empty);

    public override int GroupCount => Groups;

    public override long WeightsPerChannel => (long)RowWindow.Size * ColumnWindow.Size;

    public override bool SumsOverInputChannels => Groups == 1;

    public override long Flops(Region output, int inputChannels) => checked(2 * output.Count * inputChannels * WeightsPerChannel);

    protected override Region Reads(int input, Region output)
    {
        int filtersPerGroup = Filters / Groups;
        int firstGroup = output.Channels.Start / filtersPerGroup;
        int lastGroup = (output.Channels.End - 1) / filtersPerGroup;
        return new(
            new(firstGroup * ChannelsPerFilter, (lastGroup + 1) * ChannelsPerFilter),
            RowWindow.ReceptiveField(output.Rows),
            ColumnWindow.ReceptiveField(output.Columns));
    }
}

/// <summary>Fully-connected layer over the flattened input (channels slowest); weights are stored [output][input].</summary>
public sealed record FullyConnected : WeightedLayer
{
    public override bool IsSpatiallyLocal => false;

    public override bool SumsOverInputChannels => true;

    public override long WeightsPerChannel => (long)InputShapes[0].Rows * InputShapes[0].Columns;

    public override long Flops(Region output, int inputChannels) => checked(2 * output.Count * inputChannels * WeightsPerChannel);

    protected override Region Reads(int input, Region output) => Region.Whole(InputShapes[0]);
}

/// <summary>
/// Darknet's <c>local</c>: a convolution with filters and biases of its own at each output position. Weights are stored
/// [row][column][filter][channel][window], biases [filter][row][column].
/// </summary>
public sealed record LocallyConnected : WeightedLayer
{
    public required Window RowWindow { get; init; }

    public required Window ColumnWindow { get; init; }

    public override string Window => $"{RowWindow.Size}x{ColumnWindow.Size}/{RowWindow.Stride}";

    public override long WeightsPerChannel => (long)RowWindow.Size * ColumnWindow.Size;

    public override long Parameters => Output.Count + (Output.Count * WeightsPerFilter);

    public override long Flops(Region output, int inputChannels) => checked(2 * output.Count * inputChannels * WeightsPerChannel);

    protected override Region Reads(int input, Region output) => new(
        Interval.All(InputShapes[0].Channels),
        RowWindow.ReceptiveField(output.Rows),
        ColumnWindow.ReceptiveField(output.Columns));
}
