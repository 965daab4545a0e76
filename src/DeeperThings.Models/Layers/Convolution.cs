using DeeperThings.Tensors;

namespace DeeperThings.Models;

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
