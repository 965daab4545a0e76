using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>Nearest-neighbour enlargement, times <see cref="Scale"/>.</summary>
public sealed record Upsample : Layer
{
    public required int Stride { get; init; }

    public float Scale { get; init; } = 1;

    public override string Window => $"x{Stride}";

    protected override Region Reads(int input, Region output) => new(output.Channels, Source(output.Rows), Source(output.Columns));

    private Interval Source(Interval output) => new(output.Start / Stride, ((output.End - 1) / Stride) + 1);
}
