using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>Mean of each channel (Darknet's <c>avgpool</c>); the output is channels × 1 × 1.</summary>
public sealed record GlobalAveragePool : Layer
{
    public override bool IsSpatiallyLocal => false;

    public override long Flops(Region output, int inputChannels) =>
        (long)output.Channels.Length * InputShapes[0].Rows * InputShapes[0].Columns;

    protected override Region Reads(int input, Region output) => Region.Whole(InputShapes[0]) with { Channels = output.Channels };
}
