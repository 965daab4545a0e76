using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Darknet's [reorg], stride s: c × h × w becomes c·s² × h/s × w/s over the same flat memory that its <c>reorg_cpu</c> writes.</summary>
public static unsafe class Reorg
{
    /// <param name="input">The whole input map.</param>
    /// <param name="region">Part of the output map, of shape (c·s², h/s, w/s).</param>
    public static void Run(FeatureMap input, Shape inputShape, int stride, FeatureMap output, Region region)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stride);
        if (region.IsEmpty)
        {
            return;
        }

        var outputShape = OutputShape(inputShape, stride);
        if (!Region.Whole(outputShape).Contains(region))
        {
            throw new ArgumentException($"region {region} is not in the output {outputShape}", nameof(region));
        }

        Require.Stores(input, Region.Whole(inputShape), nameof(input));
        Require.Stores(output, region, nameof(output));
        int c = inputShape.Channels;
        int h = inputShape.Rows;
        int w = inputShape.Columns;
        int outputChannels = c / (stride * stride);

        // Element (k, j, i) of the input's shape, in flat order, comes from (h2, w2) of channel c2 in a map of c/s² × h·s × w·s over the input's memory.
        for (int channel = region.Channels.Start; channel < region.Channels.End; channel++)
        {
            for (int row = region.Rows.Start; row < region.Rows.End; row++)
            {
                float* target = output.At(channel, row, region.Columns.Start);
                long flat = (((long)channel * outputShape.Rows) + row) * outputShape.Columns;
                for (int column = region.Columns.Start; column < region.Columns.End;)
                {
                    // What follows in the same row of the input's shape lies a stride apart.
                    (long kj, long i) = Math.DivRem(flat + column, w);
                    (long k, long j) = Math.DivRem(kj, h);
                    long offset = k / outputChannels;
                    long h2 = (j * stride) + (offset / stride);
                    float* source = input.At(0, 0, 0) + (i * stride) + (offset % stride) + ((long)w * stride * (h2 + ((long)h * stride * (k % outputChannels))));
                    int end = (int)Math.Min(region.Columns.End, column + w - i);
                    for (; column < end; column++, source += stride)
                    {
                        *target++ = *source;
                    }
                }
            }
        }
    }

    /// <exception cref="ArgumentException">Darknet's formula is not defined for this shape.</exception>
    public static Shape OutputShape(Shape input, int stride)
    {
        int area = stride * stride;
        if (input.Channels % area != 0 || input.Rows % stride != 0 || input.Columns % stride != 0)
        {
            throw new ArgumentException($"reorg {stride}: {input} must have channels divisible by {area} and rows and columns divisible by {stride}", nameof(input));
        }

        return new(input.Channels * area, input.Rows / stride, input.Columns / stride);
    }
}
