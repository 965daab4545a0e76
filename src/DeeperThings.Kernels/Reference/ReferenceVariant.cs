using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Reference;

/// <summary>The naive loops: what the operations mean. Sums accumulate in double and are rounded once, before bias and activation.</summary>
internal sealed unsafe class ReferenceVariant() : KernelVariant("reference", isSupported: true)
{
    // One float at a time, as these loops.
    private static KernelVariant Scalar => All.First(variant => variant.Name == "scalar");

    public override int VectorFloats => Scalar.VectorFloats;

    public override KernelSpeed Measure() => Scalar.Measure();

    internal override double PeakFlopsPerSecond(WorkerPool workers) => Scalar.PeakFlopsPerSecond(workers);

    internal override void Convolve(in ConvolutionArguments a, WorkerPool workers)
    {
        var packed = new PackedFilters(a.Shape, a.Region.Channels, a.Channels);
        foreach ((int filter, int row, int column) in Positions(a.Region))
        {
            int group = filter / a.Shape.FiltersPerGroup;
            int firstChannel = (group * a.Shape.ChannelsPerGroup) + a.Channels.Start;
            long first = packed.Offset(filter);
            double sum = 0;
            for (int k = 0; k < packed.K; k++)
            {
                float x = Read(a.Input, a.InputShape, a.Shape, firstChannel, k, row, column);
                sum += (double)Float16.Get(a.Packed.Data, first + ((long)k * packed.PanelRows), a.Shape.WeightType) * x;
            }

            float biased = a.Bias.IsEmpty ? (float)sum : (float)sum + a.Bias.Data[filter - a.Region.Channels.Start];
            *a.Output.At(filter, row, column) = ScalarActivation.Invoke(biased, a.Activation);
        }
    }

    internal override void FullyConnect(in DotRows rows, int count, WorkerPool workers)
    {
        for (int i = 0; i < count; i++)
        {
            rows.Output[i * rows.OutputStride] = Dot(rows, i, rows.Bias + (i * rows.BiasStride));
        }
    }

    internal override void LocallyConnect(in LocallyConnectedArguments a, WorkerPool workers)
    {
        int k = LocallyConnected.K(a.Shape);
        long stride = LocallyConnected.RowStride(a.Shape);
        Region region = a.Region;
        foreach ((int filter, int row, int column) in Positions(region))
        {
            long position = ((long)(row - region.Rows.Start) * region.Columns.Length) + column - region.Columns.Start;
            int index = filter - region.Channels.Start;
            long first = ((position * region.Channels.Length) + index) * stride;
            double sum = 0;
            for (int i = 0; i < k; i++)
            {
                sum += (double)Float16.Get(a.Packed.Data, first + i, a.Shape.WeightType) * Read(a.Input, a.InputShape, a.Shape, 0, i, row, column);
            }

            float biased = a.Bias.IsEmpty ? (float)sum : (float)sum + a.Bias.Data[((long)index * region.Rows.Length * region.Columns.Length) + position];
            *a.Output.At(filter, row, column) = ScalarActivation.Invoke(biased, a.Activation);
        }
    }

    private static float Dot(in DotRows rows, int row, float* bias)
    {
                double sum = 0;
        for (int k = 0; k < rows.Length; k++)
        {
            sum += (double)Float16.Get(rows.Weights, (row * rows.RowStride) + k, rows.WeightType) * rows.Vector[k];
        }

        return ScalarActivation.Invoke(rows.Bias is null ? (float)sum : (float)sum + *bias, rows.Activation);
    }

    private static float Read(FeatureMap input, Shape shape, in ConvolutionShape convolution, int firstChannel, int k, int outputRow, int outputColumn)
    {
        (int channel, int tap) = Math.DivRem(k, convolution.FilterArea);
        (int r, int s) = Math.DivRem(tap, convolution.Columns.Size);
        int row = (outputRow * convolution.Rows.Stride) - convolution.Rows.PadBefore + (r * convolution.Rows.Dilation);
        int column = (outputColumn * convolution.Columns.Stride) - convolution.Columns.PadBefore + (s * convolution.Columns.Dilation);
        bool inside = row >= 0 && row < shape.Rows && column >= 0 && column < shape.Columns;
        return inside ? *input.At(firstChannel + channel, row, column) : 0f;
    }

    private static IEnumerable<(int Channel, int Row, int Column)> Positions(Region region)
    {
        for (int channel = region.Channels.Start; channel < region.Channels.End; channel++)
        {
            for (int row = region.Rows.Start; row < region.Rows.End; row++)
            {
                for (int column = region.Columns.Start; column < region.Columns.End; column++)
                {
                    yield return (channel, row, column);
                }
            }
        }
    }
}
