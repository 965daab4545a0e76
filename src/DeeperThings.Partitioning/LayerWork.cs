using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Tensors;
using Convolution = DeeperThings.Models.Convolution;
using FullyConnected = DeeperThings.Models.FullyConnected;
using LocallyConnected = DeeperThings.Models.LocallyConnected;

namespace DeeperThings.Partitioning;

/// <summary>
/// A part of a layer's output that is computed, and the quantities that the time for it depends on. Kernels compute in blocks and so do more than is
/// asked for: filters in whole panels, positions (with Winograd, tiles) in whole vectors.
/// </summary>
/// <param name="Layer">The layer.</param>
/// <param name="Region">What is computed of its output, or of the partial sums.</param>
/// <param name="Channels">Input channels, within a group, that are summed over.</param>
/// <param name="Algorithm">How a convolution is computed.</param>
public readonly record struct LayerWork(Layer Layer, Region Region, Interval Channels, ConvolutionAlgorithm Algorithm)
{
    public bool IsEmpty => Region.IsEmpty || Channels.IsEmpty;

    public bool IsWinograd => Algorithm == ConvolutionAlgorithm.Winograd;

    /// <summary>Floating-point operations, counted as direct convolution.</summary>
    public long Flops => IsEmpty ? 0 : Layer.Flops(Region, Channels.Length);

    /// <summary>How the weights lie in memory.</summary>
    public ElementType WeightType { get; init; }

    /// <summary>What the scratch of a convolution is made for.</summary>
    public Workspace Workspace { get; init; }

    /// <inheritdoc cref="ConvolutionShape.WorkspaceCost"/>
    public double WorkspaceCost => Layer is Convolution layer && !IsEmpty ? layer.KernelShape(Algorithm, Workspace).WorkspaceCost(Region, Channels) : 1;

    /// <summary>Packed weights, in floats of memory.</summary>
    public long WeightCount => PackedCount(WeightType);

    /// <summary>Memory of weights that is read, in floats: once, or with Winograd for each block of tiles again.</summary>
    public long WeightsRead => WeightCount * (IsWinograd && !IsEmpty ? Shape.FilterTransforms(Region, Channels) : 1);

    /// <summary>Bytes that are read of the inputs and written of the output.</summary>
    public long MapBytes
    {
        get
        {
            long bytes = Region.Bytes;
            for (int input = 0; input < Layer.Inputs.Length; input++)
            {
                bytes += Layer.ReceptiveField(input, Region).Bytes;
            }

            return bytes;
        }
    }

    private long Positions => (long)Region.Rows.Length * Region.Columns.Length;

    private ConvolutionShape Shape => ((Convolution)Layer).KernelShape(Algorithm);

    private long Tiles => Shape.Tiles(Region);

    /// <summary>Operations that are really done where vectors have <paramref name="lanes"/> floats; of a direct convolution as many as take that long (<see cref="ConvolutionShape.ColumnsOf"/>).</summary>
    public long BlockedFlops(int lanes) => Layer is not Convolution ? Flops
        : IsWinograd ? 2 * PackedCount(ElementType.Float32) / Shape.FilterArea * ConvolutionShape.PatchArea * RoundUp(Tiles, lanes)
        : (long)(2 * PackedCount(ElementType.Float32) * ConvolutionShape.ColumnsOf(Positions, lanes));

    /// <summary>
    /// Floats that a convolution gathers into blocks: the window of each position, or with Winograd the transformed inputs and outputs of each tile, and products that are read and written
    /// again for further channels.
    /// Elsewhere the runs of memory that are worked on: outputs of a fully-connected layer, rows of the output of others.
    /// </summary>
    public long Gathered(int lanes) => Layer switch
    {
        Convolution when IsWinograd && !IsEmpty => ConvolutionShape.PatchArea * RoundUp(Tiles, lanes) * (Channels.Length + (Region.Channels.Length * ((2L * Shape.ProductWrites(Region, Channels)) - 1))),
        Convolution { GroupCount: 1 } layer => layer.WeightsPerChannel * Channels.Length * RoundUp(Positions, lanes),
        Convolution layer => layer.WeightsPerChannel * layer.ReceptiveField(0, Region).Channels.Length * RoundUp(Positions, lanes),
        WeightedLayer => Region.Count,
        _ => (long)Region.Channels.Length * Region.Rows.Length,
    };

    private long PackedCount(ElementType type) => IsEmpty ? 0 : Layer switch
    {
        Convolution layer => Kernels.Convolution.PackedCount(layer.KernelShape(Algorithm, weights: type), Region.Channels, Channels),
        FullyConnected layer => Kernels.FullyConnected.PackedCount(Region.Channels, layer.FlatInputs(Channels), type),
        LocallyConnected layer => Kernels.LocallyConnected.PackedCount(layer.KernelShape(type), Region),
        _ => 0,
    };

    private static long RoundUp(long count, int block) => (count + block - 1) / block * block;
}
