using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Tests;

public class PoolingTests
{
    [Fact]
    public void Max_is_the_largest_element_of_the_window_inside_the_map()
    {
        using var pool = new WorkerPool(2);
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            Window rows = RandomWindow(random);
            Window columns = RandomWindow(random);
            var input = new Shape(random.Next(1, 4), random.Next(1, 20), random.Next(1, i % 20 == 0 ? 2000 : 40));
            var output = new Shape(input.Channels, rows.OutputLength(input.Rows), columns.OutputLength(input.Columns));
            if (Region.Whole(output).IsEmpty)
            {
                continue;
            }

            float[] values = TestData.Values(i, input.Count);
            float[] expected = Naive(rows, columns, input, output, values);
            Bits.Equal(expected, Max(rows, columns, input, values, Region.Whole(output), pool));
            for (int grid = 0; grid < 9; grid++)
            {
                Region tile = Region.Whole(output) with
                {
                    Rows = TestData.Split(output.Rows, 3).ElementAt(grid / 3),
                    Columns = TestData.Split(output.Columns, 3).ElementAt(grid % 3),
                };
                if (!tile.IsEmpty)
                {
                    Bits.Equal(TestData.Cut(expected, output, tile), Max(rows, columns, input, values, tile, pool, guardFront: i % 2 == 0), tile);
                }
            }
        }
    }

    [Fact]
    public void Global_average_of_a_channel_does_not_depend_on_the_others()
    {
        using var pool = new WorkerPool(2);
        for (int columns = 1; columns < 80; columns++)
        {
            var shape = new Shape(3, (columns % 5) + 1, columns);
            float[] values = TestData.Values(columns, shape.Count);
            float[] whole = Average(shape, values, Interval.All(3), pool);
            for (int c = 0; c < 3; c++)
            {
                int count = shape.Rows * columns;
                Assert.Equal(values.Skip(c * count).Take(count).Average(value => (double)value), whole[c], 1e-6);
                Bits.Equal(whole.AsSpan(c, 1), Average(shape, values, new(c, c + 1), pool));
            }
        }
    }

    private static float[] Max(Window rows, Window columns, Shape shape, float[] values, Region region, WorkerPool pool, bool guardFront = false)
    {
        using var memory = new GuardedMemory(guardFront);
        Region need = new Region(region.Channels, rows.ReceptiveField(region.Rows), columns.ReceptiveField(region.Columns)).Intersect(Region.Whole(shape));
        var output = new FeatureMap(memory.Allocate(region.Count), region);
        Pooling.Max(rows, columns, shape, memory.Copy(values, shape, need), output, region, pool);
        return output.Memory.Span.ToArray();
    }

    private static float[] Average(Shape shape, float[] values, Interval channels, WorkerPool pool)
    {
        using var memory = new GuardedMemory();
        var region = new Region(channels, new(0, 1), new(0, 1));
        var output = new FeatureMap(memory.Allocate(region.Count), region);
        Pooling.GlobalAverage(memory.Copy(values, shape, Region.Whole(shape) with { Channels = channels }), output, region, pool);
        return output.Memory.Span.ToArray();
    }

    private static float[] Naive(Window rows, Window columns, Shape input, Shape output, float[] values)
    {
        var result = new float[output.Count];
        Array.Fill(result, float.NegativeInfinity);
        for (int i = 0; i < result.Length; i++)
        {
            int x = i % output.Columns;
            int y = i / output.Columns % output.Rows;
            int c = i / output.Columns / output.Rows;
            for (int tap = 0; tap < rows.Size * columns.Size; tap++)
            {
                int row = (y * rows.Stride) - rows.PadBefore + (tap / columns.Size * rows.Dilation);
                int column = (x * columns.Stride) - columns.PadBefore + (tap % columns.Size * columns.Dilation);
                if (row >= 0 && row < input.Rows && column >= 0 && column < input.Columns)
                {
                    result[i] = Math.Max(result[i], values[TestData.Flat(input, c, row, column)]);
                }
            }
        }

        return result;
    }

    private static Window RandomWindow(Random random)
    {
        int size = random.Next(1, 5);
        return new(size, random.Next(1, 4), random.Next(1, 3), random.Next(0, size + 1), random.Next(0, size + 1));
    }
}
