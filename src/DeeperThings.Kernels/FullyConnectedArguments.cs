using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>The operands of one fully connected layer on one rank. Inputs and outputs are counted over the whole layer; no scratch is needed.</summary>
public readonly struct FullyConnectedArguments
{
    /// <summary>The inputs that are multiplied: all, or a part of them for a partial sum.</summary>
    public required Interval Inputs { get; init; }

    /// <summary>The floats of <see cref="Inputs"/>.</summary>
    public required NativeBuffer Input { get; init; }

    /// <summary>Weights of <see cref="Outputs"/> and <see cref="Inputs"/>, from <see cref="FullyConnected.PackRow"/>.</summary>
    public required NativeBuffer Packed { get; init; }

    /// <summary>How <see cref="Packed"/> is stored.</summary>
    public ElementType WeightType { get; init; }

    /// <summary>One float per output, or empty: no bias.</summary>
    public NativeBuffer Bias { get; init; }

    public Activation Activation { get; init; }

    /// <summary>What is computed.</summary>
    public required Interval Outputs { get; init; }

    /// <summary>The floats of <see cref="Outputs"/>.</summary>
    public required NativeBuffer Output { get; init; }

    internal void Validate()
    {
        Require.Count(Input, Inputs.Length, nameof(Input));
        Require.Count(Packed, FullyConnected.PackedCount(Outputs, Inputs, WeightType), nameof(Packed));
        Require.Count(Output, Outputs.Length, nameof(Output));
        if (!Bias.IsEmpty)
        {
            Require.Count(Bias, Outputs.Length, nameof(Bias));
        }
    }
}
