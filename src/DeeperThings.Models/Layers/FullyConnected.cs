using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>Fully-connected layer over the flattened input (channels slowest); weights are stored [output][input].</summary>
public sealed record FullyConnected : WeightedLayer
{
    public override bool IsSpatiallyLocal => false;

    public override bool SumsOverInputChannels => true;

    public override long WeightsPerChannel => (long)InputShapes[0].Rows * InputShapes[0].Columns;

    public override long Flops(Region output, int inputChannels) => checked(2 * output.Count * inputChannels * WeightsPerChannel);

    protected override Region Reads(int input, Region output) => Region.Whole(InputShapes[0]);
}
