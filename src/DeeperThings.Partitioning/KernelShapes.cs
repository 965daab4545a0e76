using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Tensors;
using Convolution = DeeperThings.Models.Convolution;
using FullyConnected = DeeperThings.Models.FullyConnected;
using LocallyConnected = DeeperThings.Models.LocallyConnected;

namespace DeeperThings.Partitioning;

/// <summary>Layers in the kernels' terms.</summary>
public static class KernelShapes
{
    public static ConvolutionShape KernelShape(this Convolution layer) =>
        new(layer.InputShapes[0].Channels, layer.Filters, layer.Groups, layer.RowWindow, layer.ColumnWindow);

    public static ConvolutionShape KernelShape(this LocallyConnected layer) =>
        new(layer.InputShapes[0].Channels, layer.Filters, 1, layer.RowWindow, layer.ColumnWindow);

    /// <summary>The flat inputs of some input channels.</summary>
    public static Interval FlatInputs(this FullyConnected layer, Interval channels)
    {
        int plane = checked((int)layer.WeightsPerChannel);
        return new(channels.Start * plane, channels.End * plane);
    }
}
