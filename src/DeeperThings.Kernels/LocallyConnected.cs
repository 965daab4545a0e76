using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// Darknet's [local]: a convolution with its own weights at every output position. Packed weights are [position of the region, row-major][filter of the region][k],
/// k = (channel, window row, window column), zero padded to whole lanes; sums are those of <see cref="FullyConnected"/>.
/// </summary>
public static unsafe class LocallyConnected
{
    private const int ScratchTarget = 64 * 1024;

    public static long PackedCount(in ConvolutionShape shape, Region output)
    {
        ValidateShape(shape, output);
        return shape.WeightType.Room(output.Count * RowStride(shape));
    }

    /// <summary>Puts the weights of one filter at one position of the region into the packed weights.</summary>
    /// <param name="weights">[channels][window rows][window columns]</param>
    public static void PackFilter(in ConvolutionShape shape, Region output, int row, int column, int filter, ReadOnlySpan<float> weights, NativeBuffer packed)
    {
        Require.Count(packed, PackedCount(shape, output), nameof(packed));
        if (!output.Channels.Contains(filter) || !output.Rows.Contains(row) || !output.Columns.Contains(column) || weights.Length != K(shape))
        {
            throw new ArgumentException($"filter {filter} at row {row}, column {column} of {output} with {weights.Length} weights; {K(shape)} are needed");
        }

        long position = ((long)(row - output.Rows.Start) * output.Columns.Length) + column - output.Columns.Start;
        long stride = RowStride(shape);
        Float16.SetRow(packed.Data, ((position * output.Channels.Length) + filter - output.Channels.Start) * stride, weights, stride, shape.WeightType);
    }

    /// <summary>Floats of scratch, for any number of threads and any instruction set.</summary>
    public static long ScratchCount(in ConvolutionShape shape, Region output)
    {
        ValidateShape(shape, output);
        return PatchCount(shape, output) * RowStride(shape);
    }

    public static void Run(in LocallyConnectedArguments arguments, WorkerPool workers) => Run(arguments, workers, KernelVariant.Current);

    public static void Run(in LocallyConnectedArguments arguments, WorkerPool workers, KernelVariant variant)
    {
        arguments.Validate();
        if (!arguments.Region.IsEmpty)
        {
            variant.LocallyConnect(arguments, workers);
        }
    }

    internal static int K(in ConvolutionShape shape) => checked(shape.InputChannels * shape.FilterArea);

    internal static long RowStride(in ConvolutionShape shape) => FullyConnected.RowStride(K(shape));

    /// <summary>Positions whose inputs lie in the scratch at the same time.</summary>
    internal static long PatchCount(in ConvolutionShape shape, Region output) =>
        Math.Min((long)output.Rows.Length * output.Columns.Length, Math.Max(1, ScratchTarget / RowStride(shape)));

    internal static void ValidateShape(in ConvolutionShape shape, Region output)
    {
        if (shape.Groups != 1)
        {
            throw new ArgumentException($"a locally connected layer has one group, not {shape.Groups}", nameof(shape));
        }

        shape.Validate(output.Channels, Interval.All(shape.InputChannels));
    }
}
