using DeeperThings.Tensors;

namespace DeeperThings.Tensors.Tests;

public sealed class FeatureMapLaws
{
    private readonly Random _random = new(4);

    [Fact]
    public void Copying_moves_exactly_the_region_whatever_the_two_maps_store()
    {
        for (int i = 0; i < 1000; i++)
        {
            Region region = RandomRegion(new(new(0, 6), new(0, 7), new(0, i % 2 == 0 ? 8 : 60)));
            Region from = Around(region);
            Region to = Around(region);
            using var arena = new Arena(Arena.Align(from.Bytes) + to.Bytes);
            FeatureMap source = arena.FeatureMap(0, from);
            FeatureMap target = arena.FeatureMap(Arena.Align(from.Bytes), to);
            Fill(source, cell => Value(cell));
            Fill(target, _ => -1);
            source.CopyTo(target, region);
            ForEach(target, (cell, value) => Assert.Equal(Has(region, cell) ? Value(cell) : -1, value));
        }
    }

    [Fact]
    public void A_contiguous_region_is_one_run_of_memory_in_its_own_order()
    {
        for (int i = 0; i < 1000; i++)
        {
            Region stored = RandomRegion(new(new(0, 4), new(0, 4), new(0, 4)));
            Region region = RandomRegion(stored);
            using var arena = new Arena(stored.Bytes + region.Bytes + Arena.Alignment);
            FeatureMap map = arena.FeatureMap(0, stored);
            Fill(map, Value);
            int expected = -1;
            bool oneRun = true;
            int position = 0;
            ForEach(map, (cell, _) =>
            {
                if (Has(region, cell))
                {
                    oneRun &= expected < 0 || position == expected;
                    expected = position + 1;
                }

                position++;
            });
            if (map.IsContiguous(region))
            {
                Assert.True(oneRun);
                FeatureMap packed = new(map.Slice(region), region);
                ForEach(packed, (cell, value) => Assert.Equal(Value(cell), value));
            }
            else if (region.Rows.Length > 1 && region.Columns.Length > 1)
            {
                Assert.False(oneRun && region.Channels.Length > 1);
            }
        }
    }

    [Fact]
    public void Copying_what_is_not_stored_is_refused()
    {
        using var arena = new Arena(1024);
        FeatureMap map = arena.FeatureMap(0, new(new(0, 2), new(0, 2), new(0, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.CopyTo(map, new(new(0, 3), new(0, 2), new(0, 2))));
        Assert.Throws<ArgumentException>(() => map.Slice(new(new(0, 2), new(0, 1), new(0, 1))));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Row(2, 0));
    }

    [Fact]
    public void An_arena_gives_aligned_zeroed_memory_and_nothing_beyond_its_end()
    {
        using var arena = new Arena(100);
        Assert.Equal(128, arena.Bytes);
        Assert.All(arena.Buffer(0, 32).Span.ToArray(), value => Assert.Equal(0, value));
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.Buffer(64, 17));
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.Buffer(0, 4).Slice(2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Arena(-1));
    }

    private static float Value((int Channel, int Row, int Column) cell) => (cell.Channel * 10000) + (cell.Row * 100) + cell.Column;

    private static bool Has(Region region, (int Channel, int Row, int Column) cell) =>
        region.Channels.Contains(cell.Channel) && region.Rows.Contains(cell.Row) && region.Columns.Contains(cell.Column);

    private static void Fill(FeatureMap map, Func<(int Channel, int Row, int Column), float> value)
    {
        for (int channel = map.Region.Channels.Start; channel < map.Region.Channels.End; channel++)
        {
            for (int row = map.Region.Rows.Start; row < map.Region.Rows.End; row++)
            {
                Span<float> line = map.Row(channel, row);
                for (int i = 0; i < line.Length; i++)
                {
                    line[i] = value((channel, row, map.Region.Columns.Start + i));
                }
            }
        }
    }

    private static void ForEach(FeatureMap map, Action<(int Channel, int Row, int Column), float> action)
    {
        Span<float> all = map.Memory.Span;
        int position = 0;
        for (int channel = map.Region.Channels.Start; channel < map.Region.Channels.End; channel++)
        {
            for (int row = map.Region.Rows.Start; row < map.Region.Rows.End; row++)
            {
                for (int column = map.Region.Columns.Start; column < map.Region.Columns.End; column++)
                {
                    action((channel, row, column), all[position++]);
                }
            }
        }
    }

    private Region RandomRegion(Region within) => new(RandomInterval(within.Channels), RandomInterval(within.Rows), RandomInterval(within.Columns));

    private Interval RandomInterval(Interval within)
    {
        int start = within.Start + _random.Next(within.Length);
        return new(start, start + 1 + _random.Next(within.End - start));
    }

    private Region Around(Region region) => new(Around(region.Channels), Around(region.Rows), Around(region.Columns));

    private Interval Around(Interval interval) => new(interval.Start - _random.Next(2), interval.End + _random.Next(2));
}
