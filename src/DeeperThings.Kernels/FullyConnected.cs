using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// y = activation(W·x + bias) for one x. Each output is 16 lane sums, lane l over the inputs k ≡ l mod 16 ascending, which are then added pairwise:
/// the same bits in whichever interval of outputs it is computed. The input map is flattened channel-major.
/// </summary>
public static unsafe class FullyConnected
{
    // One cache line and the widest vector; narrower vectors take several for the same lanes.
    internal const int Lanes = 16;

    /// <summary>Floats whose room the packed weights take: rows of <paramref name="inputs"/>, zero padded to whole lanes.</summary>
    public static long PackedCount(Interval outputs, Interval inputs, ElementType weightType = ElementType.Float32) =>
        weightType.Room(outputs.Length * RowStride(inputs.Length));

    /// <summary>Puts the weights of one output, those of <paramref name="inputs"/> only, into the packed weights.</summary>
    public static void PackRow(Interval outputs, Interval inputs, int output, ReadOnlySpan<float> weights, NativeBuffer packed, ElementType weightType = ElementType.Float32)
    {
        Require.Count(packed, PackedCount(outputs, inputs, weightType), nameof(packed));
        if (!outputs.Contains(output) || weights.Length != inputs.Length)
        {
            throw new ArgumentException($"output {output} of {outputs} with {weights.Length} weights; {inputs.Length} are needed");
        }

        long stride = RowStride(inputs.Length);
        Float16.SetRow(packed.Data, (output - outputs.Start) * stride, weights, stride, weightType);
    }

    /// <summary>Floats of scratch: none.</summary>
    public static long ScratchCount(Interval outputs, Interval inputs) => 0;

    /// <param name="input">The floats of <paramref name="inputs"/>.</param>
    /// <param name="inputs">The inputs that are multiplied: all, or a part of them for a partial sum.</param>
    /// <param name="packed">From <see cref="PackRow"/>.</param>
    /// <param name="bias">One float per output of <paramref name="outputs"/>, or empty.</param>
    /// <param name="output">The floats of <paramref name="outputs"/>.</param>
    public static void Run(
        NativeBuffer input,
        Interval inputs,
        NativeBuffer packed,
        NativeBuffer bias,
        Activation activation,
        NativeBuffer output,
        Interval outputs,
        NativeBuffer scratch,
        WorkerPool workers,
        ElementType weightType = ElementType.Float32) =>
        Run(input, inputs, packed, bias, activation, output, outputs, scratch, workers, KernelVariant.Current, weightType);

    public static void Run(
        NativeBuffer input,
        Interval inputs,
        NativeBuffer packed,
        NativeBuffer bias,
        Activation activation,
        NativeBuffer output,
        Interval outputs,
        NativeBuffer scratch,
        WorkerPool workers,
        KernelVariant variant,
        ElementType weightType = ElementType.Float32)
    {
        Require.Count(input, inputs.Length, nameof(input));
        Require.Count(packed, PackedCount(outputs, inputs, weightType), nameof(packed));
        Require.Count(output, outputs.Length, nameof(output));
        Require.Count(scratch, ScratchCount(outputs, inputs), nameof(scratch));
        if (!bias.IsEmpty)
        {
            Require.Count(bias, outputs.Length, nameof(bias));
        }

        var rows = new DotRows
        {
            Weights = packed.Data,
            WeightType = weightType,
            RowStride = RowStride(inputs.Length),
            Vector = input.Data,
            Length = inputs.Length,
            Bias = bias.IsEmpty ? null : bias.Data,
            BiasStride = 1,
            Output = output.Data,
            OutputStride = 1,
            Activation = activation,
        };
        variant.FullyConnect(rows, outputs.Length, workers);
    }

    internal static long RowStride(int inputs) => ((long)inputs + Lanes - 1) / Lanes * Lanes;
}
