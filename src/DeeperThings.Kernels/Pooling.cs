using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Pooling over windows or whole maps.</summary>
public static unsafe class Pooling
{
    /// <summary>The maximum of each window. Outside <paramref name="inputShape"/> and NaN count for nothing; a window with nothing else gives -infinity.</summary>
    public static void Max(Window rows, Window columns, Shape inputShape, FeatureMap input, FeatureMap output, Region region, WorkerPool workers)
    {
        if (region.IsEmpty)
        {
            return;
        }

        Region need = new Region(region.Channels, rows.ReceptiveField(region.Rows), columns.ReceptiveField(region.Columns)).Intersect(Region.Whole(inputShape));
        Require.Stores(input, need, nameof(input));
        Require.Stores(output, region, nameof(output));
        if (columns.Extent > MaxPoolWork.MaximumColumns)
        {
            throw new ArgumentException($"a pooling window of {columns.Extent} columns is not supported; at most {MaxPoolWork.MaximumColumns}", nameof(columns));
        }

        var work = new MaxPoolWork { Rows = rows, Columns = columns, InputShape = inputShape, Input = input, Output = output, Region = region };
        workers.Run(region.Channels.Length, ref work);
    }

    /// <summary>The mean of each channel: 16 lane sums over rows × columns, added pairwise, divided by their number.</summary>
    /// <param name="input">Stores whole channels, at least those of <paramref name="region"/>.</param>
    /// <param name="output">Channels × 1 × 1.</param>
    public static void GlobalAverage(FeatureMap input, FeatureMap output, Region region, WorkerPool workers)
    {
        if (region.IsEmpty)
        {
            return;
        }

        Require.Stores(input, input.Region with { Channels = region.Channels }, nameof(input));
        Require.Stores(output, region, nameof(output));
        var work = new AverageWork { Input = input, Output = output, Region = region };
        workers.Run(region.Channels.Length, ref work);
    }

    private struct AverageWork : IWork
    {
        public FeatureMap Input;
        public FeatureMap Output;
        public Region Region;

        public readonly void Invoke(int index)
        {
            int channel = Region.Channels.Start + index;
            long count = Input.ChannelStride;
            float sum = VectorLoops.Sum(Input.At(channel, Input.Region.Rows.Start, Input.Region.Columns.Start), count);
            *Output.At(channel, Region.Rows.Start, Region.Columns.Start) = sum / count;
        }
    }
}
