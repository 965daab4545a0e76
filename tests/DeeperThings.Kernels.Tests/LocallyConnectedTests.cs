using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Tests;

public class LocallyConnectedTests
{
    private static readonly (ConvolutionShape Shape, Shape Input)[] _problems =
    [
        (new(3, 5, 1, new(3, 1, 1, 1, 1), new(3, 1, 1, 1, 1)), new(3, 6, 7)),
        (new(2, 37, 1, new(2, 2), new(3, 2, 2, 1, 2)), new(2, 9, 8)),
        (new(100, 3, 1, new(3, 1, 1, 1, 1), new(5, 1, 1, 2, 2)), new(100, 9, 10)),
    ];

    [Theory]
    [MemberData(nameof(Variants.Names), MemberType = typeof(Variants))]
    public void Every_variant_computes_what_the_naive_loops_compute(string name)
    {
        using var pool = new WorkerPool(2);
        foreach ((ConvolutionShape shape, Shape input) in _problems)
        {
            Region whole = Region.Whole(shape.OutputShape(input));
            float[] expected = Run(shape, input, whole, Variants.Reference, pool);
            Bits.Near(expected, Run(shape, input, whole, Variants.Get(name), pool), 1e-6f * shape.InputChannels * shape.FilterArea);
        }
    }

    [Theory]
    [MemberData(nameof(Variants.Names), MemberType = typeof(Variants))]
    public void Shards_and_tiles_concatenate_to_the_whole(string name)
    {
        using var one = new WorkerPool(1);
        using var three = new WorkerPool(3);
        foreach ((ConvolutionShape shape, Shape input) in _problems)
        {
            Region whole = Region.Whole(shape.OutputShape(input));
            float[] expected = Run(shape, input, whole, KernelVariant.Current, one);
            for (int parts = 1; parts <= 3; parts++)
            {
                for (int i = 0; i < parts * parts * parts; i++)
                {
                    var region = new Region(
                        TestData.Split(shape.Filters, parts).ElementAt(i % parts),
                        TestData.Split(whole.Rows.Length, parts).ElementAt(i / parts % parts),
                        TestData.Split(whole.Columns.Length, parts).ElementAt(i / parts / parts));
                    float[] cut = TestData.Cut(expected, shape.OutputShape(input), region);
                    Bits.Equal(cut, Run(shape, input, region, Variants.Get(name), i % 2 == 0 ? one : three, guardFront: i % 3 == 0), region);
                }
            }
        }
    }

    [Fact]
    [Trait("run", "again")]
    public void Float16_weights_give_the_bits_of_the_rounded_ones()
    {
        using var pool = new WorkerPool(1);
        foreach ((ConvolutionShape shape, Shape input) in _problems)
        {
            Region whole = Region.Whole(shape.OutputShape(input));
            foreach (KernelVariant variant in Variants.Fast.Append(Variants.Reference))
            {
                float[] expected = Run(shape, input, whole, variant, pool, round: true);
                Bits.Equal(expected, Run(shape with { WeightType = ElementType.Float16 }, input, whole, variant, pool), variant);
            }
        }
    }

    private static float[] Run(ConvolutionShape shape, Shape inputShape, Region region, KernelVariant variant, WorkerPool pool, bool guardFront = false, bool round = false)
    {
        using var memory = new GuardedMemory(guardFront);
        Shape outputShape = shape.OutputShape(inputShape);
        NativeBuffer packed = memory.Allocate(LocallyConnected.PackedCount(shape, region));
        foreach (int i in Enumerable.Range(0, checked((int)region.Count)))
        {
            int filter = region.Channels.Start + (i % region.Channels.Length);
            int row = region.Rows.Start + (i / region.Channels.Length % region.Rows.Length);
            int column = region.Columns.Start + (i / region.Channels.Length / region.Rows.Length);
            float[] weights = TestData.Values(TestData.Flat(outputShape, filter, row, column), shape.InputChannels * shape.FilterArea);
            LocallyConnected.PackFilter(shape, region, row, column, filter, round ? [.. weights.Select(weight => (float)(Half)weight)] : weights, packed);
        }

        var output = new FeatureMap(memory.Allocate(region.Count), region);
        var arguments = new LocallyConnectedArguments
        {
            Shape = shape,
            InputShape = inputShape,
            Input = memory.Copy(TestData.Values(7, inputShape.Count), inputShape, shape.Need(region, inputShape, Interval.All(shape.InputChannels))),
            Packed = packed,
            Bias = memory.Copy(TestData.Values(8, outputShape.Count), outputShape, region).Memory,
            Activation = Activation.Leaky,
            Output = output,
            Region = region,
            Scratch = memory.Allocate(LocallyConnected.ScratchCount(shape, region)),
        };
        LocallyConnected.Run(arguments, pool, variant);
        return output.Memory.Span.ToArray();
    }
}
