using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>Darknet's <c>crop</c> at inference: the centre of the input, times <see cref="Scale"/> plus <see cref="Shift"/>.</summary>
public sealed record Crop : Layer
{
    public required int RowOffset { get; init; }

    public required int ColumnOffset { get; init; }

    public required float Scale { get; init; }

    public required float Shift { get; init; }

    protected override Region Reads(int input, Region output) =>
        new(output.Channels, output.Rows.Shift(RowOffset), output.Columns.Shift(ColumnOffset));
}
