using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Pooling over windows or whole maps.</summary>
public static unsafe class Pooling
{
    private const int ChunkColumns = 512;

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
        var work = new MaxWork { Rows = rows, Columns = columns, InputShape = inputShape, Input = input, Output = output, Region = region };
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

    private struct MaxWork : IWork
    {
        public Window Rows;
        public Window Columns;
        public Shape InputShape;
        public FeatureMap Input;
        public FeatureMap Output;
        public Region Region;

        // First down the window's rows, vectorised over a chunk of input columns, then along its columns.
        public readonly void Invoke(int index)
        {
            int channel = Region.Channels.Start + index;
            float* down = stackalloc float[ChunkColumns];
            int outputs = Math.Max(1, ((ChunkColumns - Columns.Extent) / Columns.Stride) + 1);
            if (Columns.Extent > ChunkColumns)
            {
                throw new ArgumentException($"a pooling window of {Columns.Extent} columns is not supported; at most {ChunkColumns}");
            }

            for (int row = Region.Rows.Start; row < Region.Rows.End; row++)
            {
                for (int start = Region.Columns.Start; start < Region.Columns.End; start += outputs)
                {
                    var chunk = new Interval(start, Math.Min(Region.Columns.End, start + outputs));
                    Interval field = Columns.ReceptiveField(chunk).Intersect(Interval.All(InputShape.Columns));
                    Down(channel, row, field, down);
                    Along(field, down, chunk, Output.At(channel, row, start));
                }
            }
        }

        private readonly void Down(int channel, int row, Interval field, float* down)
        {
            int length = field.Length;
            new Span<float>(down, length).Fill(float.NegativeInfinity);
            int first = (row * Rows.Stride) - Rows.PadBefore;
            for (int r = 0; r < Rows.Size; r++)
            {
                int inputRow = first + (r * Rows.Dilation);
                if (inputRow >= 0 && inputRow < InputShape.Rows && length > 0)
                {
                    VectorLoops.Max(Input.At(channel, inputRow, field.Start), down, length);
                }
            }
        }

        private readonly void Along(Interval field, float* down, Interval chunk, float* output)
        {
            for (int column = chunk.Start; column < chunk.End; column++)
            {
                int first = (column * Columns.Stride) - Columns.PadBefore - field.Start;
                float max = float.NegativeInfinity;
                for (int s = 0; s < Columns.Size; s++)
                {
                    int position = first + (s * Columns.Dilation);
                    if (position >= 0 && position < field.Length)
                    {
                        max = down[position] > max ? down[position] : max;
                    }
                }

                *output++ = max;
            }
        }
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
