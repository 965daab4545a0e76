using DeeperThings.Partitioning;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning.Tests;

public sealed class GridLaws
{
    [Fact]
    public void Every_factorisation_is_there_and_the_squarest_has_the_least_border()
    {
        for (int ranks = 1; ranks <= 64; ranks++)
        {
            Grid[] grids = [.. Grid.Factorisations(ranks)];
            Assert.All(grids, grid => Assert.Equal(ranks, grid.Rows * grid.Columns));
            Assert.Equal(Enumerable.Range(1, ranks).Count(rows => ranks % rows == 0), grids.Length);
            Grid squarest = Grid.Squarest(ranks);
            Assert.All(grids, grid => Assert.True(squarest.Rows + squarest.Columns <= grid.Rows + grid.Columns));
        }
    }

    [Fact]
    public void Tiles_and_shards_cover_every_cell_exactly_once()
    {
        var shape = new Shape(11, 9, 10);
        for (int ranks = 1; ranks <= 8; ranks++)
        {
            AssertCoversOnce(new Shards(Split.Even(shape.Channels, ranks)), shape, ranks);
            foreach (Grid grid in Grid.Factorisations(ranks))
            {
                AssertCoversOnce(new Tiles(Split.Even(shape.Rows, grid.Rows), Split.Even(shape.Columns, grid.Columns)), shape, ranks);
            }

            AssertCoversOnce(new OnRoot(), shape, ranks);
        }
    }

    private static void AssertCoversOnce(Partition partition, Shape shape, int ranks)
    {
        Assert.True(partition.IsDisjoint);
        Region[] own = partition.Owners(shape, ranks);
        Assert.Equal(shape.Count, own.Sum(region => region.Count));
        for (int a = 0; a < ranks; a++)
        {
            for (int b = 0; b < a; b++)
            {
                Assert.True(own[a].Intersect(own[b]).IsEmpty);
            }
        }
    }
}
