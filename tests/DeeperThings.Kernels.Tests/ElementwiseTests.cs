using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Tests;

public class ElementwiseTests
{
    public static TheoryData<Activation> Activations => new(Enum.GetValues<Activation>());

    [Theory]
    [Trait("run", "again")]
    [MemberData(nameof(Activations))]
    public void An_activation_is_the_same_function_at_every_position_of_every_length(Activation activation)
    {
        float[] values = TestData.Values(1, 256, scale: 6);
        float[] expected = [.. values.Select(value => (float)Naive(value, activation))];
        float[] single = [.. values.SelectMany(value => Activate([value], activation))];
        Bits.Near(expected, single, 1e-6f * 12, activation);
        for (int length = 0; length <= 256; length++)
        {
            Bits.Equal(single.AsSpan(0, length), Activate(values.AsSpan(0, length), activation), activation);
        }
    }

    [Theory]
    [InlineData(Activation.Linear)]
    [InlineData(Activation.Leaky)]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Logistic)]
    [InlineData(Activation.Loggy)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Elu)]
    [InlineData(Activation.Selu)]
    public void Nan_stays_nan(Activation activation) => Assert.All(Activate(Enumerable.Repeat(float.NaN, 19).ToArray(), activation), value => Assert.True(float.IsNaN(value)));

    [Theory]
    [Trait("run", "again")]
    [InlineData(Activation.Logistic)]
    [InlineData(Activation.Loggy)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Elu)]
    [InlineData(Activation.Selu)]
    public void What_is_made_of_an_exponential_is_rounded_from_double(Activation activation)
    {
        float[] values = [.. TestData.Values(3, 20000, scale: 120), float.MinValue, -1e4f, -745, -104, -88, -1e-7f, -0f, 0, 1e-7f, 88, 89, 709, 710, 1e4f, float.MaxValue, float.NegativeInfinity, float.PositiveInfinity];
        float[] found = Activate(values, activation);
        for (int i = 0; i < values.Length; i++)
        {
            double expected = Naive(values[i], activation);
            double unit = Math.Max(MathF.BitIncrement(MathF.Abs((float)expected)) - MathF.Abs((float)expected), 1e-15);
            Assert.True((float)expected == found[i] || Math.Abs(expected - found[i]) <= 0.51 * unit, $"{activation} of {values[i]:R} is {found[i]:R}, not {expected:R}");
        }
    }

    [Fact]
    [Trait("run", "again")]
    public void Add_adds_in_place_for_every_length()
    {
        float[] x = TestData.Values(1, 256);
        float[] y = TestData.Values(2, 256);
        for (int length = 1; length <= 256; length++)
        {
            using var memory = new GuardedMemory();
            var region = new Region(new(0, 1), new(0, 1), new(0, length));
            var target = new FeatureMap(memory.Copy(x.AsSpan(0, length)), region);
            Elementwise.Add(new(memory.Copy(y.AsSpan(0, length)), region), target, region);
            Bits.Equal(x.Zip(y, (a, b) => a + b).Take(length).ToArray(), target.Memory.Span);
        }
    }

    [Fact]
    public void Regions_inside_larger_maps_are_all_that_is_written()
    {
        using var memory = new GuardedMemory();
        var shape = new Shape(3, 5, 7);
        float[] x = TestData.Values(1, shape.Count);
        float[] y = TestData.Values(2, shape.Count);
        var region = new Region(new(1, 3), new(1, 4), new(2, 6));
        FeatureMap target = memory.Copy(x, shape, Region.Whole(shape));
        Elementwise.Add(memory.Copy(y, shape, region), target, region);
        Elementwise.AddBias(target, region, memory.Copy([5f, 6f]), Activation.Relu);
        for (int i = 0; i < x.Length; i++)
        {
            (int c, int row, int column) = (i / 35, i / 7 % 5, i % 7);
            bool inside = region.Channels.Contains(c) && region.Rows.Contains(row) && region.Columns.Contains(column);
            Assert.Equal(inside ? Math.Max(0, x[i] + y[i] + 4 + c) : x[i], target.Memory.Span[i]);
        }
    }

    [Fact]
    public void Bias_and_activation_after_a_partial_sum_are_the_epilogue_of_the_convolution()
    {
        using var pool = new WorkerPool(1);
        foreach (ConvolutionProblem problem in ConvolutionProblem.Generate(40, seed: 9))
        {
            float[] expected = problem.Run(problem.Whole, KernelVariant.Current, pool);
            float[] sums = problem.Run(problem.Whole, KernelVariant.Current, pool, finish: false);
            using var memory = new GuardedMemory();
            var map = new FeatureMap(memory.Copy(sums), problem.Whole);
            Elementwise.AddBias(map, problem.Whole, memory.Copy(problem.Bias), problem.Activation);
            Bits.Equal(expected, map.Memory.Span, problem);
        }
    }

    [Fact]
    public void Upsample_repeats_each_element()
    {
        using var pool = new WorkerPool(2);
        using var memory = new GuardedMemory();
        var shape = new Shape(2, 3, 5);
        float[] x = TestData.Values(1, shape.Count);
        var region = new Region(new(1, 2), new(1, 6), new(3, 10));
        var output = new FeatureMap(memory.Allocate(region.Count), region);
        Elementwise.Upsample(memory.Copy(x, shape, new(new(1, 2), new(0, 3), new(1, 5))), output, region, 2, 0.5f, pool);
        for (int i = 0; i < output.Memory.Count; i++)
        {
            Assert.Equal(0.5f * x[TestData.Flat(shape, 1, (1 + (i / 7)) / 2, (3 + (i % 7)) / 2)], output.Memory.Span[i]);
        }
    }

    [Theory]
    [InlineData(4, 6, 8, 4, 6, 8)]
    [InlineData(3, 6, 8, 5, 6, 8)]
    [InlineData(5, 12, 16, 3, 6, 8)]
    [InlineData(2, 3, 4, 4, 6, 8)]
    public void Shortcut_is_what_darknet_does(int fromChannels, int fromRows, int fromColumns, int channels, int rows, int columns)
    {
        using var pool = new WorkerPool(2);
        var fromShape = new Shape(fromChannels, fromRows, fromColumns);
        var shape = new Shape(channels, rows, columns);
        float[] x = TestData.Values(1, shape.Count);
        float[] from = TestData.Values(2, fromShape.Count);
        float[] expected = [.. x];
        int stride = Math.Max(1, fromColumns / columns);
        int sample = Math.Max(1, columns / fromColumns);
        for (int k = 0; k < Math.Min(channels, fromChannels); k++)
        {
            for (int j = 0; j < Math.Min(rows, fromRows); j++)
            {
                for (int i = 0; i < Math.Min(columns, fromColumns); i++)
                {
                    int output = TestData.Flat(shape, k, j * sample, i * sample);
                    expected[output] = (0.75f * expected[output]) + (1.25f * from[TestData.Flat(fromShape, k, j * stride, i * stride)]);
                }
            }
        }

        expected = [.. expected.Select(value => Math.Max(value, 0))];
        foreach (Region region in new[] { Region.Whole(shape), new(new(1, channels), new(1, 4), new(3, 8)), new(new(channels - 1, channels), new(5, 6), new(7, 8)) })
        {
            using var memory = new GuardedMemory();
            var output = new FeatureMap(memory.Allocate(region.Count), region);
            FeatureMap other = memory.Copy(from, fromShape, Elementwise.ShortcutNeed(fromShape, shape, region));
            Elementwise.Shortcut(memory.Copy(x, shape, region), other, fromShape, shape, 0.75f, 1.25f, Activation.Relu, output, region, pool);
            Bits.Equal(TestData.Cut(expected, shape, region), output.Memory.Span, region);
        }
    }

    [Fact]
    public void Crop_takes_the_elements_at_the_offset()
    {
        using var memory = new GuardedMemory();
        var shape = new Shape(2, 9, 11);
        float[] x = TestData.Values(1, shape.Count);
        var region = new Region(new(0, 2), new(1, 5), new(2, 6));
        var output = new FeatureMap(memory.Allocate(region.Count), region);
        Elementwise.Crop(memory.Copy(x, shape, new(new(0, 2), new(3, 7), new(5, 9))), output, region, 2, 3, 2, -1);
        float[] expected = [.. TestData.Cut(x, shape, new(new(0, 2), new(3, 7), new(5, 9))).Select(value => (2 * value) - 1)];
        Bits.Equal(expected, output.Memory.Span);
    }

    [Theory]
    [InlineData(1, 1f)]
    [InlineData(3, 1f)]
    [InlineData(1, 2.5f)]
    public void Softmax_is_positive_sums_to_one_and_touches_only_its_stride(int stride, float temperature)
    {
        using var memory = new GuardedMemory();
        const int Count = 20;
        float[] x = TestData.Values(1, ((Count - 1) * stride) + 1, scale: 30);
        NativeBuffer output = memory.Allocate(x.Length);
        Elementwise.Softmax(memory.Copy(x), output, Count, stride, temperature);
        double sum = Enumerable.Range(0, Count).Sum(i => Math.Exp(x[i * stride] / temperature));
        for (int i = 0; i < x.Length; i++)
        {
            if (i % stride == 0)
            {
                Assert.Equal(Math.Exp(x[i] / temperature) / sum, output.Span[i], 1e-6);
            }
            else
            {
                Assert.True(float.IsNaN(output.Span[i]));
            }
        }
    }

    [Fact]
    public void Softmaxes_side_by_side_are_those_of_each_alone()
    {
        const int Count = 20;
        const int Stride = 29;
        float[] x = TestData.Values(1, Count * Stride, scale: 30);
        using var memory = new GuardedMemory();
        float[] alone = new float[x.Length];
        for (int first = 0; first < Stride; first++)
        {
            NativeBuffer one = memory.Copy(x.AsSpan(first, ((Count - 1) * Stride) + 1));
            Elementwise.Softmax(one, one, Count, Stride, 1.5f);
            for (int i = 0; i < Count; i++)
            {
                alone[first + (i * Stride)] = one.Span[i * Stride];
            }
        }

        for (int neighbours = 1; neighbours <= Stride; neighbours++)
        {
            NativeBuffer output = memory.Copy(x);
            Elementwise.Softmax(output, output, Count, Stride, 1.5f, neighbours);
            Bits.Equal(alone.Select((value, i) => i % Stride < neighbours ? value : x[i]).ToArray(), output.Span);
        }
    }

    [Fact]
    public void Reorg_is_what_darknet_does()
    {
        const int Stride = 2;
        var shape = new Shape(8, 6, 4);
        (int c, int h, int w) = (shape.Channels, shape.Rows, shape.Columns);
        float[] x = TestData.Values(1, shape.Count);
        var expected = new float[x.Length];
        int outputChannels = c / (Stride * Stride);
        for (int k = 0; k < c; k++)
        {
            for (int j = 0; j < h; j++)
            {
                for (int i = 0; i < w; i++)
                {
                    int offset = k / outputChannels;
                    int w2 = (i * Stride) + (offset % Stride);
                    int h2 = (j * Stride) + (offset / Stride);
                    expected[i + (w * (j + (h * k)))] = x[w2 + (w * Stride * (h2 + (h * Stride * (k % outputChannels))))];
                }
            }
        }

        Shape outputShape = Reorg.OutputShape(shape, Stride);
        foreach (Region region in new[] { Region.Whole(outputShape), new(new(3, 20), new(1, 3), new(0, 1)) })
        {
            using var memory = new GuardedMemory();
            var output = new FeatureMap(memory.Allocate(region.Count), region);
            Reorg.Run(memory.Copy(x, shape, Region.Whole(shape)), shape, Stride, output, region);
            Bits.Equal(TestData.Cut(expected, outputShape, region), output.Memory.Span, region);
        }
    }

    private static float[] Activate(ReadOnlySpan<float> values, Activation activation)
    {
        using var memory = new GuardedMemory();
        if (values.IsEmpty)
        {
            Elementwise.Activate(new(default, Region.Empty), Region.Empty, activation);
            return [];
        }

        var region = new Region(new(0, 1), new(0, 1), new(0, values.Length));
        var map = new FeatureMap(memory.Copy(values), region);
        Elementwise.Activate(map, region, activation);
        return map.Memory.Span.ToArray();
    }

    private static double Naive(double x, Activation activation) => activation switch
    {
        Activation.Linear => x,
        Activation.Leaky => x > 0 ? x : 0.1 * x,
        Activation.Relu => Math.Max(x, 0),
        Activation.Logistic => 1 / (1 + Math.Exp(-x)),
        Activation.Loggy => (2 / (1 + Math.Exp(-x))) - 1,
        Activation.Tanh => Math.Tanh(x),
        Activation.Elu => x >= 0 ? x : Math.Exp(x) - 1,
        Activation.Selu => x >= 0 ? 1.0507 * x : 1.0507 * 1.6732 * (Math.Exp(x) - 1),
        Activation.Relie => x > 0 ? x : 0.01 * x,
        Activation.Ramp => Math.Max(x, 0) + (0.1 * x),
        Activation.HardTan => Math.Clamp(x, -1, 1),
        Activation.LhTan => x < 0 ? 0.001 * x : x > 1 ? (0.001 * (x - 1)) + 1 : x,
        Activation.Plse => x < -4 ? 0.01 * (x + 4) : x > 4 ? (0.01 * (x - 4)) + 1 : (0.125 * x) + 0.5,
        Activation.Stair => Math.Floor(x) % 2 == 0 ? Math.Floor(x / 2) : x - Math.Floor(x) + Math.Floor(x / 2),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };
}
