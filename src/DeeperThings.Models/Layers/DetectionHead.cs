using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>A layer that turns the last feature map into boxes; it runs on one rank, the root.</summary>
public abstract record DetectionHead : Layer
{
    public required int Classes { get; init; }

    public override bool IsSpatiallyLocal => false;

    public override bool SplitsOutputChannels => false;

    protected override Region Reads(int input, Region output) => Region.Whole(InputShapes[0]);
}
