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

    public static void Run(in FullyConnectedArguments arguments, WorkerPool workers) => Run(arguments, workers, KernelVariant.Current);

    public static void Run(in FullyConnectedArguments arguments, WorkerPool workers, KernelVariant variant)
    {
        arguments.Validate();
        var rows = new DotRows
        {
            Weights = arguments.Packed.Data,
            WeightType = arguments.WeightType,
            RowStride = RowStride(arguments.Inputs.Length),
            Vector = arguments.Input.Data,
            Length = arguments.Inputs.Length,
            Bias = arguments.Bias.IsEmpty ? null : arguments.Bias.Data,
            BiasStride = 1,
            Output = arguments.Output.Data,
            OutputStride = 1,
            Activation = arguments.Activation,
        };
        variant.FullyConnect(rows, arguments.Outputs.Length, workers);
    }

    internal static long RowStride(int inputs) => ((long)inputs + Lanes - 1) / Lanes * Lanes;
}
