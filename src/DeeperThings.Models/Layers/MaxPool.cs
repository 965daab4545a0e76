using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>Maximum over a window; padding never wins.</summary>
public sealed record MaxPool : Layer
{
    public required Window RowWindow { get; init; }

    public required Window ColumnWindow { get; init; }

    public override string Window => $"{RowWindow.Size}x{ColumnWindow.Size}/{RowWindow.Stride}";

    public override long Flops(Region output, int inputChannels) => checked(output.Count * RowWindow.Size * ColumnWindow.Size);

    protected override Region Reads(int input, Region output) =>
        new(output.Channels, RowWindow.ReceptiveField(output.Rows), ColumnWindow.ReceptiveField(output.Columns));
}
