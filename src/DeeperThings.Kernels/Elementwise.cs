using System.Runtime.Intrinsics;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Operations on single elements. Each result depends on its own element only, so any cut gives the bits of the whole.</summary>
public static unsafe class Elementwise
{
    /// <summary>Applies <paramref name="activation"/> in place.</summary>
    public static void Activate(FeatureMap map, Region region, Activation activation)
    {
        Require.Stores(map, region, nameof(map));
        foreach (Run run in Runs(region, map, map))
        {
            VectorLoops.Activate(run.Target, run.Count, activation);
        }
    }

    /// <summary>Writes zeroes: a sum of nothing.</summary>
    public static void Clear(FeatureMap map, Region region)
    {
        Require.Stores(map, region, nameof(map));
        foreach (Run run in Runs(region, map, map))
        {
            new Span<float>(run.Target, checked((int)run.Count)).Clear();
        }
    }

    /// <summary>target += source</summary>
    public static void Add(FeatureMap source, FeatureMap target, Region region)
    {
        Require.Stores(source, region, nameof(source));
        Require.Stores(target, region, nameof(target));
        foreach (Run run in Runs(region, source, target))
        {
            VectorLoops.Add(run.Source, run.Target, run.Count);
        }
    }

    /// <summary>map = activation(map + bias), as the epilogue of a convolution.</summary>
    /// <param name="bias">One float per channel of <paramref name="region"/>, or empty.</param>
    public static void AddBias(FeatureMap map, Region region, NativeBuffer bias, Activation activation)
    {
        Require.Stores(map, region, nameof(map));
        if (!bias.IsEmpty)
        {
            Require.Count(bias, region.Channels.Length, nameof(bias));
        }

        foreach (Run run in Runs(region, map, map))
        {
            if (!bias.IsEmpty)
            {
                VectorLoops.AddScalar(run.Target, run.Count, bias.Data[run.Channel - region.Channels.Start]);
            }

            VectorLoops.Activate(run.Target, run.Count, activation);
        }
    }

    /// <summary>output[c, y, x] = scale · input[c, y / stride, x / stride]</summary>
    public static void Upsample(FeatureMap input, FeatureMap output, Region region, int stride, float scale, WorkerPool workers)
    {
        if (region.IsEmpty)
        {
            return;
        }

        Require.Stores(input, new(region.Channels, Divide(region.Rows, stride), Divide(region.Columns, stride)), nameof(input));
        Require.Stores(output, region, nameof(output));
        var work = new UpsampleWork { Input = input, Output = output, Region = region, Stride = stride, Scale = scale };
        workers.Run(region.Channels.Length, ref work);
    }

    /// <summary>
    /// Darknet's <c>shortcut_cpu</c>: output = activation(alpha · input + beta · from) where the two maps have a common element, activation(input) elsewhere.
    /// Where sizes differ, the larger map is read or written at a stride of their quotient; channels beyond the smaller number have no counterpart.
    /// </summary>
    /// <param name="input">The previous layer, of the same shape as the output.</param>
    /// <param name="from">The other layer; stores at least the counterparts of <paramref name="region"/>.</param>
    public static void Shortcut(
        FeatureMap input,
        FeatureMap from,
        Shape fromShape,
        Shape outputShape,
        float alpha,
        float beta,
        Activation activation,
        FeatureMap output,
        Region region,
        WorkerPool workers)
    {
        if (region.IsEmpty)
        {
            return;
        }

        Require.Stores(input, region, nameof(input));
        Require.Stores(output, region, nameof(output));
        Require.Stores(from, ShortcutNeed(fromShape, outputShape, region), nameof(from));
        var work = new ShortcutWork
        {
            Input = input,
            From = from,
            Output = output,
            Region = region,
            Alpha = alpha,
            Beta = beta,
            Activation = activation,
            Common = new(
                Math.Min(fromShape.Channels, outputShape.Channels), Math.Min(fromShape.Rows, outputShape.Rows), Math.Min(fromShape.Columns, outputShape.Columns)),
            Stride = Math.Max(1, fromShape.Columns / outputShape.Columns),
            Sample = Math.Max(1, outputShape.Columns / fromShape.Columns),
        };
        workers.Run(region.Channels.Length, ref work);
    }

    /// <summary>What <see cref="Shortcut"/> reads of the other layer; empty where the region has no counterpart.</summary>
    public static Region ShortcutNeed(Shape fromShape, Shape outputShape, Region region)
    {
        int stride = Math.Max(1, fromShape.Columns / outputShape.Columns);
        int sample = Math.Max(1, outputShape.Columns / fromShape.Columns);
        var need = new Region(
            region.Channels.Intersect(Interval.All(Math.Min(fromShape.Channels, outputShape.Channels))),
            Counterparts(region.Rows, Math.Min(fromShape.Rows, outputShape.Rows)),
            Counterparts(region.Columns, Math.Min(fromShape.Columns, outputShape.Columns)));
        return need.IsEmpty ? Region.Empty : need;

        Interval Counterparts(Interval axis, int length)
        {
            Interval common = CeilingDivide(axis, sample).Intersect(Interval.All(length));
            return common.IsEmpty ? default : new(common.Start * stride, ((common.End - 1) * stride) + 1);
        }
    }

    /// <summary>output[c, y, x] = scale · input[c, y + rowOffset, x + columnOffset] + shift</summary>
    public static void Crop(FeatureMap input, FeatureMap output, Region region, int rowOffset, int columnOffset, float scale, float shift)
    {
        if (region.IsEmpty)
        {
            return;
        }

        Require.Stores(input, new(region.Channels, region.Rows.Shift(rowOffset), region.Columns.Shift(columnOffset)), nameof(input));
        Require.Stores(output, region, nameof(output));
        for (int c = region.Channels.Start; c < region.Channels.End; c++)
        {
            for (int row = region.Rows.Start; row < region.Rows.End; row++)
            {
                float* source = input.At(c, row + rowOffset, region.Columns.Start + columnOffset);
                VectorLoops.ScaleShift(source, output.At(c, row, region.Columns.Start), region.Columns.Length, scale, shift);
            }
        }
    }

    /// <summary>
    /// Darknet's <c>softmax</c> over elements 0, stride, 2·stride, ...: e^(x/t - max/t), divided by their sum; and the same from each of the next elements on. Input and output may be the same.
    /// </summary>
    /// <param name="input">At least (count - 1) · stride + neighbours floats.</param>
    /// <param name="neighbours">How many softmaxes there are side by side, at most <paramref name="stride"/>.</param>
    public static void Softmax(NativeBuffer input, NativeBuffer output, int count, int stride, float temperature, int neighbours = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stride);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(neighbours, stride);
        if (count <= 0)
        {
            return;
        }

        Require.Count(input, ((count - 1) * (long)stride) + neighbours, nameof(input));
        Require.Count(output, ((count - 1) * (long)stride) + neighbours, nameof(output));
        for (int first = 0; first < neighbours; first += Vector256<float>.Count)
        {
            VectorLoops.Softmax(input.Data + first, output.Data + first, count, stride, Math.Min(Vector256<float>.Count, neighbours - first), temperature);
        }
    }

    /// <summary>x = 1 / (1 + e^-x), in place.</summary>
    public static void Logistic(NativeBuffer values) => VectorLoops.Activate(values.Data, values.Count, Activation.Logistic);

    private static Interval Divide(Interval axis, int by) => new(axis.Start / by, ((axis.End - 1) / by) + 1);

    /// <summary>The numbers whose product with <paramref name="by"/> lies in <paramref name="axis"/>.</summary>
    internal static Interval CeilingDivide(Interval axis, int by) => new((axis.Start + by - 1) / by, (axis.End + by - 1) / by);

    private static RunEnumerator Runs(Region region, FeatureMap source, FeatureMap target) => new(region, source, target);

    private readonly struct Run(float* source, float* target, long count, int channel)
    {
        public float* Source { get; } = source;

        public float* Target { get; } = target;

        public long Count { get; } = count;

        public int Channel { get; } = channel;
    }

    /// <summary>The longest runs within a channel that are contiguous in both maps: whole planes, or rows.</summary>
    private struct RunEnumerator(Region region, FeatureMap source, FeatureMap target)
    {
        private readonly bool _planes = region.Columns == source.Region.Columns && region.Columns == target.Region.Columns;
        private int _channel = region.Channels.Start;
        private int _row = region.Rows.Start;

        public Run Current { get; private set; }

        public readonly RunEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            if (region.IsEmpty || _channel == region.Channels.End)
            {
                return false;
            }

            long count = _planes ? (long)region.Rows.Length * region.Columns.Length : region.Columns.Length;
            Current = new(source.At(_channel, _row, region.Columns.Start), target.At(_channel, _row, region.Columns.Start), count, _channel);
            if (_planes || ++_row == region.Rows.End)
            {
                _row = region.Rows.Start;
                _channel++;
            }

            return true;
        }
    }
}
