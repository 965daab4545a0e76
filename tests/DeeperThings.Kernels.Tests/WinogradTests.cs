using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Tests;

public class WinogradTests
{
    private static readonly Window s_three = new(3, 1, 1, 1, 1);

    /// <summary>Largest difference from float64, of the largest value.</summary>
    public static TheoryData<string, ConvolutionAlgorithm, int, double> Errors()
    {
        var data = new TheoryData<string, ConvolutionAlgorithm, int, double>();
        foreach (KernelVariant variant in Variants.Fast)
        {
            data.Add(variant.Name, ConvolutionAlgorithm.Direct, 3, 2e-6);
            data.Add(variant.Name, ConvolutionAlgorithm.Winograd, 3, 2e-5);
            data.Add(variant.Name, ConvolutionAlgorithm.Winograd, 5, 2e-5);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public unsafe void Error_over_512_channels_of_He_normal_weights_is_bounded(string name, ConvolutionAlgorithm algorithm, int size, double bound)
    {
        var window = new Window(size, 1, 1, size / 2, size / 2);
        var shape = new ConvolutionShape(512, 16, 1, window, window);
        int count = 512 * size * size;
        var inputShape = new Shape(512, 28, 28);
        var random = new Random(1);
        float[] input = [.. Enumerable.Range(0, (int)inputShape.Count).Select(_ => (float)Math.Max(0, Normal()))];
        float[] weights = [.. Enumerable.Range(0, 16 * count).Select(_ => (float)(Normal() * Math.Sqrt(2.0 / count)))];
        float[] exact = Run(shape, Variants.Reference);
        float[] actual = Run(shape with { Algorithm = algorithm }, Variants.Get(name));
        double error = exact.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max() / exact.Max(Math.Abs);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name} {algorithm} {size}: {error:E2}");
        Assert.InRange(error, 0, bound);

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

        float[] Run(ConvolutionShape shape, KernelVariant variant)
        {
            using var pool = new WorkerPool(2);
            using var memory = new GuardedMemory();
            Region region = Region.Whole(shape.OutputShape(inputShape));
            Interval channels = Interval.All(512);
            NativeBuffer packed = memory.Allocate(Convolution.PackedCount(shape, region.Channels, channels));
            for (int filter = 0; filter < shape.Filters; filter++)
            {
                Convolution.PackFilter(shape, region.Channels, channels, filter, weights.AsSpan(filter * count, count), packed);
            }

            var output = new FeatureMap(memory.Allocate(region.Count), region);
            Convolution.Run(
                new()
                {
                    Shape = shape,
                    InputShape = inputShape,
                    Input = memory.Copy(input, inputShape, Region.Whole(inputShape)),
                    Channels = channels,
                    Packed = packed,
                    Output = output,
                    Region = region,
                    Scratch = memory.Allocate(Convolution.ScratchCount(shape, region, channels)),
                },
                pool,
                variant);
            return output.Memory.Span.ToArray();
        }
    }

    [Fact]
    public void A_region_needs_the_patches_of_the_whole_tiles_that_hold_it()
    {
        var shape = new ConvolutionShape(16, 16, 1, s_three, s_three) { Algorithm = ConvolutionAlgorithm.Winograd };
        var input = new Shape(16, 30, 30);
        Region need = shape.Need(new(new(2, 3), new(7, 9), new(28, 30)), input, Interval.All(16));
        Assert.Equal(new(new(0, 16), new(3, 13), new(27, 30)), need);
        Assert.True(shape.Need(Region.Empty, input, Interval.All(16)).IsEmpty);
        var five = new Window(5, 1, 1, 2, 2);
        need = (shape with { Rows = five, Columns = five }).Need(new(new(2, 3), new(7, 9), new(29, 30)), input, Interval.All(16));
        Assert.Equal(new(new(0, 16), new(4, 12), new(26, 30)), need);
    }

    [Theory]
    [InlineData(64, 64, 3, 224, 1, true)]
    [InlineData(512, 512, 3, 14, 1, true)]
    [InlineData(1024, 1024, 3, 13, 1, true)]
    [InlineData(512, 512, 3, 7, 1, false)]
    [InlineData(3, 64, 3, 224, 1, false)]
    [InlineData(64, 64, 3, 56, 2, false)]
    [InlineData(96, 256, 5, 27, 1, true)]
    [InlineData(96, 256, 5, 5, 1, false)]
    public void Winograd_is_chosen_where_it_was_measured_to_be_faster(int channels, int filters, int window, int map, int stride, bool expected)
    {
        Assert.SkipUnless(string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Convolution.AlgorithmVariable)), "the algorithm is forced");
        var axis = new Window(window, stride, 1, window / 2, window / 2);
        ConvolutionShape chosen = Convolution.Choose(new(channels, filters, 1, axis, axis), new(channels, map, map));
        Assert.Equal(expected, chosen.Algorithm == ConvolutionAlgorithm.Winograd);
    }

    [Fact]
    public void Other_windows_strides_dilations_and_groups_are_refused()
    {
        var shape = new ConvolutionShape(16, 16, 1, s_three, s_three) { Algorithm = ConvolutionAlgorithm.Winograd };
        shape.Validate();
        Assert.Throws<ArgumentException>(() => (shape with { Groups = 2 }).Validate());
        Assert.Throws<ArgumentException>(() => (shape with { Rows = new(5, 1, 1, 2, 2) }).Validate());
        Assert.Throws<ArgumentException>(() => (shape with { Columns = s_three with { Stride = 2 } }).Validate());
        Assert.Throws<ArgumentException>(() => (shape with { Columns = s_three with { Dilation = 2 } }).Validate());
        Assert.Throws<ArgumentException>(() => (shape with { Filters = 4 }).Validate());
    }
}
