using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>The operands of one locally connected layer on one rank. All coordinates are those of the whole maps; one group.</summary>
public readonly struct LocallyConnectedArguments
{
    public required ConvolutionShape Shape { get; init; }

    /// <summary>Size of the whole input map; outside it is padding, read as zero.</summary>
    public required Shape InputShape { get; init; }

    /// <summary>Stores at least <see cref="ConvolutionShape.Need"/> of <see cref="Region"/>.</summary>
    public required FeatureMap Input { get; init; }

    /// <summary>Weights of the region's positions and filters, from <see cref="LocallyConnected.PackFilter"/>.</summary>
    public required NativeBuffer Packed { get; init; }

    /// <summary>One float per element of the region, channels × rows × columns (Darknet's layer has a bias per output, not per filter), or empty.</summary>
    public NativeBuffer Bias { get; init; }

    public Activation Activation { get; init; }

    /// <summary>Stores at least <see cref="Region"/>; nothing else of it is written.</summary>
    public required FeatureMap Output { get; init; }

    /// <summary>What is computed; its channels are the filters.</summary>
    public required Region Region { get; init; }

    /// <summary>At least <see cref="LocallyConnected.ScratchCount"/> floats.</summary>
    public required NativeBuffer Scratch { get; init; }

    internal void Validate()
    {
        LocallyConnected.ValidateShape(Shape, Region);
        Require.Stores(Input, Shape.Need(Region, InputShape, Interval.All(Shape.InputChannels)), nameof(Input));
        Require.Stores(Output, Region, nameof(Output));
        Require.Count(Packed, LocallyConnected.PackedCount(Shape, Region), nameof(Packed));
        Require.Count(Scratch, LocallyConnected.ScratchCount(Shape, Region), nameof(Scratch));
        if (!Bias.IsEmpty)
        {
            Require.Count(Bias, Region.Count, nameof(Bias));
        }
    }
}
