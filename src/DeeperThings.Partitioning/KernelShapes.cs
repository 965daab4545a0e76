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
    /// <summary>With the algorithm: it is part of the geometry, because it decides what a region reads.</summary>
    public static ConvolutionShape KernelShape(
        this Convolution layer, ConvolutionAlgorithm algorithm, Workspace workspace = Workspace.Fastest, ElementType weights = ElementType.Float32) =>
        new(layer.InputShapes[0].Channels, layer.Filters, layer.Groups, layer.RowWindow, layer.ColumnWindow) { Algorithm = algorithm, Workspace = workspace, WeightType = weights };

    /// <summary>The algorithm that is faster for the whole layer on one device.</summary>
    public static ConvolutionAlgorithm FasterAlgorithm(this Convolution layer) =>
        Kernels.Convolution.Choose(layer.KernelShape(ConvolutionAlgorithm.Direct), layer.InputShapes[0]).Algorithm;

    public static ConvolutionShape KernelShape(this LocallyConnected layer, ElementType weights) =>
        new(layer.InputShapes[0].Channels, layer.Filters, 1, layer.RowWindow, layer.ColumnWindow) { WeightType = weights };

    /// <summary>The flat inputs of some input channels.</summary>
    public static Interval FlatInputs(this FullyConnected layer, Interval channels)
    {
        int plane = checked((int)layer.WeightsPerChannel);
        return new(channels.Start * plane, channels.End * plane);
    }
}
