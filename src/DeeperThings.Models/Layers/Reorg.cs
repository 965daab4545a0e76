using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>Darknet's <c>reorg</c> without <c>reverse</c>: reads the memory of a C×H×W map as C/s² × sH × sW, so every output region needs the whole input.</summary>
public sealed record Reorg : Layer
{
    public required int Stride { get; init; }

    public override string Window => $"/{Stride}";

    public override bool IsSpatiallyLocal => false;

    protected override Region Reads(int input, Region output) => Region.Whole(InputShapes[0]);
}
