using DeeperThings.Tensors;

namespace DeeperThings.Models;

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
