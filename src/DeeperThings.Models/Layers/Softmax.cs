using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>Softmax over each of <see cref="Groups"/> equal parts of the flattened input.</summary>
public sealed record Softmax : Layer
{
    public int Groups { get; init; } = 1;

    public float Temperature { get; init; } = 1;

    public override bool IsSpatiallyLocal => false;

    public override bool SplitsOutputChannels => false;

    protected override Region Reads(int input, Region output) => Region.Whole(InputShapes[0]);
}
