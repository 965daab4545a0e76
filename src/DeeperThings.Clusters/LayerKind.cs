using DeeperThings.Models;

namespace DeeperThings.Clusters;

/// <summary>Kinds of layers that a device runs at different speeds.</summary>
public enum LayerKind
{
    Convolution3x3,
    Convolution1x1,
    OtherConvolution,
    FullyConnected,

    /// <summary>Pooling, activations, sums, copies.</summary>
    Elementwise,
}

/// <summary>The kind of a layer.</summary>
public static class LayerKinds
{
    public static LayerKind KindOf(Layer layer) => layer switch
    {
        Convolution { Groups: 1, RowWindow.Size: 3, ColumnWindow.Size: 3 } => LayerKind.Convolution3x3,
        Convolution { Groups: 1, RowWindow.Size: 1, ColumnWindow.Size: 1 } => LayerKind.Convolution1x1,
        Convolution or LocallyConnected => LayerKind.OtherConvolution,
        FullyConnected => LayerKind.FullyConnected,
        _ => LayerKind.Elementwise,
    };
}
