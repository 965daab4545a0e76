using DeeperThings.Tensors;

namespace DeeperThings.Tensors.Tests;

public sealed class RegionLaws
{
    private const int Cases = 2000;

    private readonly Random _random = new(1);

    [Fact]
    public void Difference_is_disjoint_and_covers_exactly_what_the_other_box_does_not()
    {
        for (int i = 0; i < Cases; i++)
        {
            Region box = RandomRegion();
            Region other = RandomRegion();
            var rest = new List<Region>();
            box.Subtract(other, rest);
            Assert.True(rest.Count <= 6);
            foreach ((int c, int h, int w) in Cells())
            {
                int found = rest.Count(piece => Has(piece, c, h, w));
                Assert.Equal(Has(box, c, h, w) && !Has(other, c, h, w) ? 1 : 0, found);
            }
        }
    }

    [Fact]
    public void Intersection_has_the_cells_of_both()
    {
        for (int i = 0; i < Cases; i++)
        {
            Region a = RandomRegion();
            Region b = RandomRegion();
            Region common = a.Intersect(b);
            Assert.All(Cells(), cell => Assert.Equal(Has(a, cell) && Has(b, cell), Has(common, cell)));
            Assert.Equal(common.Count, Cells().Count(cell => Has(common, cell)));
        }
    }

    [Fact]
    public void Hull_is_the_smallest_box_that_contains_both()
    {
        for (int i = 0; i < Cases; i++)
        {
            Region a = RandomRegion();
            Region b = RandomRegion();
            Region hull = a.Hull(b);
            Assert.True(hull.Contains(a) && hull.Contains(b));
            if (!a.IsEmpty && !b.IsEmpty)
            {
                Assert.Equal(Math.Min(a.Rows.Start, b.Rows.Start), hull.Rows.Start);
                Assert.Equal(Math.Max(a.Channels.End, b.Channels.End), hull.Channels.End);
            }
        }
    }

    [Fact]
    public void Containing_a_box_is_containing_all_its_cells()
    {
        for (int i = 0; i < Cases; i++)
        {
            Region a = RandomRegion();
            Region b = RandomRegion();
            bool all = Cells().Where(cell => Has(b, cell)).All(cell => Has(a, cell));
            Assert.Equal(all, a.Contains(b) || b.IsEmpty);
        }
    }

    private const int Side = 5;

    private static IEnumerable<(int Channel, int Row, int Column)> Cells() =>
        from channel in Enumerable.Range(0, Side) from row in Enumerable.Range(0, Side) from column in Enumerable.Range(0, Side) select (channel, row, column);

    private static bool Has(Region region, (int Channel, int Row, int Column) cell) => Has(region, cell.Channel, cell.Row, cell.Column);

    private static bool Has(Region region, int channel, int row, int column) =>
        region.Channels.Contains(channel) && region.Rows.Contains(row) && region.Columns.Contains(column);

    private Region RandomRegion() => new(RandomInterval(), RandomInterval(), RandomInterval());

    private Interval RandomInterval()
    {
        int start = _random.Next(Side);
        return new(start, Math.Min(Side, start + _random.Next(Side)));
    }
}
