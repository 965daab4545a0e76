using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>The operands of one convolution on one rank. All coordinates are those of the whole maps.</summary>
public readonly struct ConvolutionArguments
{
    public required ConvolutionShape Shape { get; init; }

    /// <summary>Size of the whole input map; outside it is padding, read as zero.</summary>
    public required Shape InputShape { get; init; }

    /// <summary>Stores at least <see cref="ConvolutionShape.Need"/> of <see cref="Region"/>.</summary>
    public required FeatureMap Input { get; init; }

    /// <summary>Channels within a group that are multiplied: all of them, or with one group a part of them (a partial sum).</summary>
    public required Interval Channels { get; init; }

    /// <summary>Weights of the region's filters and of <see cref="Channels"/>, from <see cref="Convolution.PackFilter"/>.</summary>
    public required NativeBuffer Packed { get; init; }

    /// <summary>One float per filter of the region, or empty: no bias.</summary>
    public NativeBuffer Bias { get; init; }

    public Activation Activation { get; init; }

    /// <summary>Stores at least <see cref="Region"/>; nothing else of it is written.</summary>
    public required FeatureMap Output { get; init; }

    /// <summary>What is computed; its channels are the filters.</summary>
    public required Region Region { get; init; }

    /// <summary>At least <see cref="Convolution.ScratchCount"/> floats.</summary>
    public required NativeBuffer Scratch { get; init; }

    internal void Validate()
    {
        Shape.Validate(Region.Channels, Channels);
        if (!Region.IsEmpty && !Tensors.Region.Whole(Shape.OutputShape(InputShape)).Contains(Region))
        {
            throw new ArgumentException($"{Region} is not in the output {Shape.OutputShape(InputShape)} of the input {InputShape}");
        }

        Region need = Shape.Need(Region, InputShape, Channels);
        if (!Input.Region.Contains(need))
        {
            throw new ArgumentException($"input stores {Input.Region}, but {Region} needs {need}");
        }

        if (!Output.Region.Contains(Region))
        {
            throw new ArgumentException($"output stores {Output.Region}, but {Region} is to be computed");
        }

        Require.Count(Packed, Convolution.PackedCount(Shape, Region.Channels, Channels), nameof(Packed));
        Require.Count(Scratch, Convolution.ScratchCount(Shape, Region, Channels), nameof(Scratch));
        if (!Bias.IsEmpty)
        {
            Require.Count(Bias, Region.Channels.Length, nameof(Bias));
        }
    }
}
