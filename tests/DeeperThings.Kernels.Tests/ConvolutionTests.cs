using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Tests;

public class ConvolutionTests
{
    [Theory]
    [Trait("run", "again")]
    [MemberData(nameof(Variants.Names), MemberType = typeof(Variants))]
    public void Every_variant_computes_what_the_naive_loops_compute(string name)
    {
        using var pool = new WorkerPool(2);
        foreach (ConvolutionProblem problem in ConvolutionProblem.Generate(120, seed: 1).Concat(ConvolutionProblem.Chosen()))
        {
            float[] expected = problem.Run(problem.Whole, Variants.Reference, pool);
            Bits.Near(expected, problem.Run(problem.Whole, Variants.Get(name), pool), problem.Tolerance, problem);
        }
    }

    [Fact]
    [Trait("run", "again")]
    public void Variants_agree_bitwise()
    {
        using var pool = new WorkerPool(1);
        foreach (ConvolutionProblem problem in ConvolutionProblem.Generate(100, seed: 2).Concat(ConvolutionProblem.Chosen()))
        {
            float[] expected = problem.Run(problem.Whole, Variants.Fast.First(), pool);
            foreach (KernelVariant variant in Variants.Fast.Skip(1))
            {
                Bits.Equal(expected, problem.Run(problem.Whole, variant, pool, guardFront: true), problem);
            }
        }
    }

    [Fact]
    [Trait("run", "again")]
    public void Float16_weights_give_the_bits_of_the_rounded_ones()
    {
        using var pool = new WorkerPool(1);
        foreach (ConvolutionProblem problem in ConvolutionProblem.Generate(60, seed: 12).Concat(ConvolutionProblem.Chosen()))
        {
            float[] expected = problem.Rounded.Run(problem.Whole, Variants.Fast.First(), pool);
            foreach (KernelVariant variant in Variants.Fast)
            {
                Bits.Equal(expected, problem.Float16.Run(problem.Whole, variant, pool, guardFront: true), problem);
            }

            foreach (Interval filters in TestData.Split(problem.Shape.Filters, 3))
            {
                Region shard = problem.Whole with { Channels = filters };
                Bits.Equal(problem.Cut(expected, shard), problem.Float16.Run(shard, KernelVariant.Current, pool), problem);
            }
        }
    }

    [Theory]
    [Trait("run", "again")]
    [MemberData(nameof(Variants.Names), MemberType = typeof(Variants))]
    public void Every_number_of_columns_is_computed(string name)
    {
        using var pool = new WorkerPool(2);
        for (int columns = 1; columns <= 150; columns++)
        {
            var problem = new ConvolutionProblem(new(3, 17, 1, new(1), new(1)), new(3, 1, columns), Activation.Relu, bias: true, columns);
            Bits.Near(problem.Run(problem.Whole, Variants.Reference, pool), problem.Run(problem.Whole, Variants.Get(name), pool), problem.Tolerance, problem);
        }
    }

    [Fact]
    public void Float16_weights_take_half_the_room()
    {
        foreach (ConvolutionProblem problem in ConvolutionProblem.Generate(100, seed: 13))
        {
            long whole = Convolution.PackedCount(problem.Shape, problem.Whole.Channels, problem.AllChannels);
            Assert.Equal((whole + 1) / 2, Convolution.PackedCount(problem.Float16.Shape, problem.Whole.Channels, problem.AllChannels));
        }
    }

    [Theory]
    [MemberData(nameof(Variants.Names), MemberType = typeof(Variants))]
    public void Output_channel_shards_concatenate_to_the_whole(string name)
    {
        using var pool = new WorkerPool(1);
        foreach (ConvolutionProblem problem in ConvolutionProblem.Generate(40, seed: 3).Concat(ConvolutionProblem.Chosen()))
        {
            float[] whole = problem.Run(problem.Whole, Variants.Get(name), pool);
            for (int parts = 2; parts <= Math.Min(7, problem.Shape.Filters); parts++)
            {
                foreach (Interval filters in TestData.Split(problem.Shape.Filters, parts))
                {
                    Region shard = problem.Whole with { Channels = filters };
                    Bits.Equal(problem.Cut(whole, shard), problem.Run(shard, Variants.Get(name), pool, margin: parts % 2), problem);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Variants.Names), MemberType = typeof(Variants))]
    public void Tiles_of_the_output_from_their_receptive_fields_concatenate_to_the_whole(string name)
    {
        using var pool = new WorkerPool(1);
        foreach (ConvolutionProblem problem in ConvolutionProblem.Generate(60, seed: 4).Concat(ConvolutionProblem.Chosen()))
        {
            float[] whole = problem.Run(problem.Whole, Variants.Get(name), pool);
            for (int grid = 1; grid < 9; grid++)
            {
                foreach (Interval rows in TestData.Split(problem.Whole.Rows.Length, (grid / 3) + 1))
                {
                    foreach (Interval columns in TestData.Split(problem.Whole.Columns.Length, (grid % 3) + 1))
                    {
                        Region tile = problem.Whole with { Rows = rows, Columns = columns };
                        if (!tile.IsEmpty)
                        {
                            Bits.Equal(problem.Cut(whole, tile), problem.Run(tile, Variants.Get(name), pool, margin: grid % 3, guardFront: grid % 2 == 0), problem);
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        using var one = new WorkerPool(1);
        using var two = new WorkerPool(2);
        using var three = new WorkerPool(3);
        foreach (ConvolutionProblem problem in ConvolutionProblem.Generate(60, seed: 5).Concat(ConvolutionProblem.Chosen()))
        {
            float[] expected = problem.Run(problem.Whole, KernelVariant.Current, one);
            Bits.Equal(expected, problem.Run(problem.Whole, KernelVariant.Current, two), problem);
            Bits.Equal(expected, problem.Run(problem.Whole, KernelVariant.Current, three), problem);
            Region inner = problem.Whole with { Channels = new(1, problem.Shape.Filters - 1) };
            if (!inner.IsEmpty)
            {
                Bits.Equal(problem.Cut(expected, inner), problem.Run(inner, KernelVariant.Current, three), problem);
            }

            ConvolutionProblem half = problem.Float16;
            Bits.Equal(half.Run(problem.Whole, KernelVariant.Current, one), half.Run(problem.Whole, KernelVariant.Current, two), half);
        }
    }

    [Theory]
    [MemberData(nameof(Variants.Names), MemberType = typeof(Variants))]
    public void Partial_sums_over_input_channels_add_up_to_the_whole(string name)
    {
        using var pool = new WorkerPool(1);
        foreach (ConvolutionProblem problem in ConvolutionProblem.Generate(80, seed: 6).Where(problem => problem.Shape.Groups == 1))
        {
            float[] whole = problem.Run(problem.Whole, Variants.Get(name), pool, finish: false);
            for (int parts = 2; parts <= Math.Min(4, problem.Shape.InputChannels); parts++)
            {
                var sum = new float[whole.Length];
                foreach (Interval channels in TestData.Split(problem.Shape.InputChannels, parts))
                {
                    float[] part = problem.Run(problem.Whole, Variants.Get(name), pool, channels, finish: false);
                    for (int i = 0; i < sum.Length; i++)
                    {
                        sum[i] += part[i];
                    }
                }

                Bits.Near(whole, sum, problem.Tolerance, problem);
            }
        }
    }

    [Fact]
    public void A_sum_over_no_channels_is_zero()
    {
        using var pool = new WorkerPool(1);
        ConvolutionProblem problem = ConvolutionProblem.Chosen().First();
        Assert.All(problem.Run(problem.Whole, KernelVariant.Current, pool, channels: new(5, 5), finish: false), value => Assert.Equal(0, value));
    }

    [Fact]
    public void An_output_region_outside_the_map_is_refused()
    {
        using var pool = new WorkerPool(1);
        ConvolutionProblem problem = ConvolutionProblem.Chosen().First();
        Region beyond = problem.Whole with { Rows = problem.Whole.Rows.Shift(1) };
        Assert.ThrowsAny<ArgumentException>(() => problem.Run(beyond, KernelVariant.Current, pool));
    }

    [Fact]
    public void Part_of_the_channels_of_several_groups_is_refused()
    {
        var shape = new ConvolutionShape(8, 8, 2, new(1), new(1));
        Assert.ThrowsAny<ArgumentException>(() => Convolution.PackedCount(shape, new(0, 8), new(0, 2)));
    }
}
