using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Tests;

/// <summary>One convolution with its operands, as functions of a seed.</summary>
internal sealed class ConvolutionProblem
{
    private static readonly Activation[] _activations = [Activation.Linear, Activation.Leaky, Activation.Relu, Activation.Logistic, Activation.Elu];

    private readonly float[] _input;
    private readonly float[] _weights;
    private readonly float[] _bias;

    public ConvolutionProblem(ConvolutionShape shape, Shape input, Activation activation, bool bias, int seed)
    {
        Shape = shape;
        InputShape = input;
        Activation = activation;
        _input = TestData.Values(seed, input.Count);
        _weights = TestData.Values(seed + 1, (long)shape.Filters * K);
        _bias = bias ? TestData.Values(seed + 2, shape.Filters) : [];
    }

    private ConvolutionProblem(ConvolutionProblem like, ConvolutionShape shape, float[] weights)
    {
        Shape = shape;
        InputShape = like.InputShape;
        Activation = like.Activation;
        _input = like._input;
        _weights = weights;
        _bias = like._bias;
    }

    public ConvolutionShape Shape { get; }

    /// <summary>The same with weights packed as float16.</summary>
    public ConvolutionProblem Float16 => new(this, Shape with { WeightType = ElementType.Float16 }, _weights);

    /// <summary>The same with weights rounded to float16, packed as float32.</summary>
    public ConvolutionProblem Rounded => new(this, Shape, [.. _weights.Select(weight => (float)(Half)weight)]);

    public Shape InputShape { get; }

    public Activation Activation { get; }

    /// <summary>One float per filter, or none.</summary>
    public ReadOnlySpan<float> Bias => _bias;

    public Region Whole => Region.Whole(Shape.OutputShape(InputShape));

    public Interval AllChannels => Interval.All(Shape.ChannelsPerGroup);

    /// <summary>Above the rounding of any order of summation of values in [-1, 1]; the transforms of Winograd multiply it.</summary>
    public float Tolerance => (Shape.Algorithm == ConvolutionAlgorithm.Winograd ? 1e-5f : 1e-6f) * (K + 4);

    private int K => Shape.ChannelsPerGroup * Shape.FilterArea;

    /// <summary>Problems of every kind: windows, strides, paddings, dilations, groups, depthwise, with sizes around those of tiles and vectors.</summary>
    public static IEnumerable<ConvolutionProblem> Generate(int count, int seed) => GenerateDirect(count, seed).Concat(GenerateWinograd(count / 2, seed));

    private static IEnumerable<ConvolutionProblem> GenerateWinograd(int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count;)
        {
            int size = random.Next(2) == 0 ? 3 : 5;
            var shape = new ConvolutionShape(random.Next(1, 40), random.Next(5, 40), 1, RandomWindow(random, size), RandomWindow(random, size)) { Algorithm = ConvolutionAlgorithm.Winograd };
            var input = new Shape(shape.InputChannels, random.Next(1, 24), random.Next(1, 60));
            if (!Region.Whole(shape.OutputShape(input)).IsEmpty)
            {
                i++;
                yield return new(shape, input, _activations[random.Next(_activations.Length)], random.Next(2) == 0, random.Next(int.MaxValue - 2));
            }
        }

        static Window RandomWindow(Random random, int size) => new(size, 1, 1, random.Next(0, size), random.Next(0, size));
    }

    private static IEnumerable<ConvolutionProblem> GenerateDirect(int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count;)
        {
            int groups = random.Next(4) switch { 0 => random.Next(2, 7), _ => 1 };
            int channels = groups * (random.Next(3) == 0 ? 1 : random.Next(1, 24));
            int filters = groups * (random.Next(3) == 0 ? 1 : random.Next(1, 24));
            var shape = new ConvolutionShape(channels, filters, groups, RandomWindow(random), RandomWindow(random));
            if (random.Next(4) == 0)
            {
                shape = shape with { Rows = new(1), Columns = new(1) };
            }

            var input = new Shape(channels, random.Next(1, 24), random.Next(1, 60));
            if (!Region.Whole(shape.OutputShape(input)).IsEmpty)
            {
                i++;
                yield return new(shape, input, _activations[random.Next(_activations.Length)], random.Next(2) == 0, random.Next(int.MaxValue - 2));
            }
        }
    }

    /// <summary>Problems of several blocks of k, of n and of groups, of real layers, and one smaller than a vector.</summary>
    public static IEnumerable<ConvolutionProblem> Chosen()
    {
        var three = new Window(3, 1, 1, 1, 1);
        yield return new(new(80, 33, 1, three, three), new(80, 21, 20), Activation.Leaky, bias: true, 1);
        yield return new(new(700, 20, 1, new(1), new(1)), new(700, 23, 19), Activation.Relu, bias: true, 2);
        yield return new(new(3, 18, 1, new(7, 2, 1, 3, 3), new(7, 2, 1, 3, 3)), new(3, 64, 67), Activation.Relu, bias: true, 3);
        yield return new(new(4, 9, 1, new(23, 3, 1, 11, 11), new(27, 2, 1, 13, 13)), new(4, 30, 31), Activation.Linear, bias: false, 4);
        yield return new(new(96, 32, 2, new(5, 1, 1, 2, 2), new(5, 1, 1, 2, 2)), new(96, 13, 13), Activation.Relu, bias: true, 5);
        yield return new(new(72, 72, 18, three, three), new(72, 57, 53), Activation.Relu, bias: true, 12);
        yield return new(new(40, 40, 40, three, three), new(40, 70, 75), Activation.Leaky, bias: true, 6);
        yield return new(new(5, 7, 1, new(1), new(1)), new(5, 1, 2), Activation.Relu, bias: true, 8);
        yield return new(new(70, 75, 1, three, three) { Algorithm = ConvolutionAlgorithm.Winograd }, new(70, 45, 47), Activation.Leaky, bias: true, 9);
        yield return new(new(64, 8, 1, three, three) { Algorithm = ConvolutionAlgorithm.Winograd }, new(64, 6, 601), Activation.Elu, bias: true, 10);
        yield return new(new(70, 75, 1, new(5, 1, 1, 2, 2), new(5, 1, 1, 2, 2)) { Algorithm = ConvolutionAlgorithm.Winograd }, new(70, 27, 29), Activation.Relu, bias: true, 11);
        yield return new(new(70, 101, 1, three, three) { Algorithm = ConvolutionAlgorithm.Winograd }, new(70, 14, 13), Activation.Leaky, bias: true, 13);
        yield return new(new(40, 203, 1, three, three), new(40, 7, 7), Activation.Relu, bias: true, 14);
        yield return new(new(330, 98, 1, new(1), new(1)), new(330, 13, 11), Activation.Leaky, bias: true, 15);
        yield return new(new(60, 196, 2, three, three), new(60, 9, 10), Activation.Relu, bias: true, 16);
        yield return new(new(300, 8, 1, new(3, 1, 1, 1, 1), new(3, 1, 1, 1, 1)), new(300, 3, 300), Activation.Leaky, bias: true, 7);

        // One to four columns, or tiles, behind whole micro-panels, and panels that are not all computed together.
        yield return new(new(400, 43, 1, new(1), new(1)), new(400, 7, 7), Activation.Leaky, bias: true, 17);
        yield return new(new(400, 60, 1, new(1), new(1)), new(400, 7, 14), Activation.Elu, bias: true, 18);
        yield return new(new(50, 27, 1, three, three), new(50, 3, 17), Activation.Linear, bias: true, 19);
        yield return new(new(330, 61, 1, new(1), new(1)), new(330, 10, 10), Activation.Relu, bias: false, 20);
        yield return new(new(700, 50, 1, new(1), new(1)), new(700, 1, 1), Activation.Relu, bias: true, 21);
        yield return new(new(131, 43, 1, three, three) { Algorithm = ConvolutionAlgorithm.Winograd }, new(131, 28, 28), Activation.Relu, bias: true, 22);
        yield return new(new(70, 83, 1, three, three) { Algorithm = ConvolutionAlgorithm.Winograd }, new(70, 40, 39), Activation.Leaky, bias: true, 23);
        yield return new(new(1100, 17, 1, three, three) { Algorithm = ConvolutionAlgorithm.Winograd }, new(1100, 20, 19), Activation.Leaky, bias: true, 24);

        // Filters that two and three threads divide, each with a B of its own, and micro-panels of two vectors.
        yield return new(new(330, 101, 1, new(1), new(1)), new(330, 8, 8), Activation.Leaky, bias: true, 25);
        yield return new(new(40, 99, 1, new(3, 2, 1, 1, 1), new(3, 2, 1, 1, 1)), new(40, 15, 16), Activation.Relu, bias: true, 26);
        yield return new(new(48, 208, 2, new(1), new(1)), new(48, 16, 17), Activation.Linear, bias: true, 27);
    }

    /// <summary>Computes <paramref name="region"/> on buffers that end, or begin, at a guard page and are not a float too large; returns it.</summary>
    /// <param name="margin">Channels, rows and columns that the output map stores around the region, as far as there are; they must not be written.</param>
    public float[] Run(
        Region region,
        KernelVariant variant,
        WorkerPool pool,
        Interval? channels = null,
        bool guardFront = false,
        int margin = 0,
        bool finish = true,
        Workspace workspace = Workspace.Fastest)
    {
        ConvolutionShape shape = Shape with { Workspace = workspace };
        using var memory = new GuardedMemory(guardFront);
        Interval inputs = channels ?? AllChannels;
        FeatureMap input = memory.Copy(_input, InputShape, Shape.Need(region, InputShape, inputs));
        NativeBuffer packed = memory.Allocate(Convolution.PackedCount(Shape, region.Channels, inputs));
        for (int filter = region.Channels.Start; filter < region.Channels.End; filter++)
        {
            ReadOnlySpan<float> weights = _weights.AsSpan((filter * K) + (inputs.Start * Shape.FilterArea), inputs.Length * Shape.FilterArea);
            Convolution.PackFilter(Shape, region.Channels, inputs, filter, weights, packed);
        }

        bool bias = finish && _bias.Length > 0;
        var stored = new Region(Grow(region.Channels, margin), Grow(region.Rows, margin), Grow(region.Columns, margin)).Intersect(Whole);
        var output = new FeatureMap(memory.Allocate(stored.Count), stored);
        var arguments = new ConvolutionArguments
        {
            Shape = shape,
            InputShape = InputShape,
            Input = input,
            Channels = inputs,
            Packed = packed,
            Bias = bias ? memory.Copy(_bias.AsSpan(region.Channels.Start, region.Channels.Length)) : default,
            Activation = finish ? Activation : Activation.Linear,
            Output = output,
            Region = region,
            Scratch = memory.Allocate(Convolution.ScratchCount(shape, region, inputs)),
        };
        Convolution.Run(arguments, pool, variant);
        var result = new float[region.Count];
        Copy(output, region, result);
        int written = output.Memory.Span.ToArray().Count(value => !float.IsNaN(value));
        Assert.Equal(region.Count, written);
        return result;
    }

    /// <summary>The values of <paramref name="region"/> in the result of the whole output.</summary>
    public unsafe float[] Cut(float[] whole, Region region)
    {
        var result = new float[region.Count];
        fixed (float* data = whole)
        {
            Copy(new FeatureMap(new(data, whole.Length), Whole), region, result);
        }

        return result;
    }

    public override string ToString() => $"{Shape} on {InputShape}, {Activation}";

    private static unsafe void Copy(FeatureMap map, Region region, float[] target)
    {
        fixed (float* data = target)
        {
            map.CopyTo(new FeatureMap(new(data, target.Length), region), region);
        }
    }

    private static Interval Grow(Interval interval, int by) => new(interval.Start - by, interval.End + by);

    private static Window RandomWindow(Random random)
    {
        int size = random.Next(1, 6);
        return new(size, random.Next(1, 4), random.Next(1, 3), random.Next(0, size), random.Next(0, size));
    }
}
