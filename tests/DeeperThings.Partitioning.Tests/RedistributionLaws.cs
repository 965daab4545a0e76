using DeeperThings.Partitioning;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning.Tests;

/// <summary>The one rule of what moves, checked cell by cell.</summary>
public sealed class RedistributionLaws
{
    private static readonly Shape s_shape = new(4, 6, 5);

    [Fact]
    public void Each_rank_gets_every_cell_that_it_needs_and_does_not_own_exactly_once_from_the_nearest_owner()
    {
        var random = new Random(5);
        for (int i = 0; i < 300; i++)
        {
            int ranks = random.Next(1, 8);
            Region[] own = RandomPartition(random, ranks).Owners(s_shape, ranks);
            Region[] need = [.. Enumerable.Range(0, ranks).Select(_ => RandomRegion(random))];
            List<Transfer> transfers = Redistribution.Between(own, need);
            for (int rank = 0; rank < ranks; rank++)
            {
                foreach ((int channel, int row, int column) in Cells())
                {
                    Transfer[] copies = [.. transfers.Where(transfer => transfer.To == rank && Has(transfer.Region, channel, row, column))];
                    bool missing = Has(need[rank], channel, row, column) && !Has(own[rank], channel, row, column);
                    Assert.Equal(missing ? 1 : 0, copies.Length);
                    if (missing)
                    {
                        int nearest = Enumerable.Range(0, ranks)
                            .Where(owner => Has(own[owner], channel, row, column))
                            .OrderBy(owner => Math.Abs(owner - rank))
                            .ThenBy(owner => owner)
                            .First();
                        Assert.Equal(nearest, copies[0].From);
                    }
                }
            }
        }
    }

    [Fact]
    public void Nothing_moves_to_a_rank_that_owns_what_it_needs()
    {
        Region[] shards = new Shards(Split.Even(4, 3)).Owners(s_shape, 3);
        Region[] everywhere = new Everywhere().Owners(s_shape, 3);
        Assert.Empty(Redistribution.Between(shards, shards));
        Assert.Empty(Redistribution.Between(everywhere, shards));
    }

    [Fact]
    public void Shards_to_everything_is_an_allgather()
    {
        Region[] shards = new Shards(Split.Even(4, 4)).Owners(s_shape, 4);
        List<Transfer> transfers = Redistribution.Between(shards, new Everywhere().Owners(s_shape, 4));
        Assert.Equal(12, transfers.Count);
        Assert.Equal(3 * s_shape.Count, transfers.Sum(transfer => transfer.Region.Count));
    }

    [Fact]
    public void Halo_is_what_the_receptive_field_needs_and_the_rank_does_not_own()
    {
        Region[] tiles = new Tiles(Split.Even(6, 3), Split.Even(5, 1)).Owners(s_shape, 3);
        var window = new Window(3, 1, 1, 1, 1);
        Region[] need = [.. tiles.Select(tile => (tile with { Rows = window.ReceptiveField(tile.Rows) }).Intersect(Region.Whole(s_shape)))];
        List<Transfer> transfers = Redistribution.Between(tiles, need);
        Assert.Equal([(1, 0, 2), (0, 1, 1), (2, 1, 4), (1, 2, 3)], transfers.Select(transfer => (transfer.From, transfer.To, transfer.Region.Rows.Start)));
        Assert.All(transfers, transfer => Assert.Equal(1, transfer.Region.Rows.Length));
    }

    [Fact]
    public void A_cell_without_an_owner_is_reported()
    {
        PlanException error = Assert.Throws<PlanException>(() => Redistribution.Between([Region.Empty, Region.Empty], [Region.Empty, Region.Whole(s_shape)]));
        Assert.Contains("rank 1 needs", error.Message, StringComparison.Ordinal);
    }

    private static Partition RandomPartition(Random random, int ranks)
    {
        Grid[] grids = [.. Grid.Factorisations(ranks)];
        Grid grid = grids[random.Next(grids.Length)];
        return random.Next(4) switch
        {
            0 => new Everywhere(),
            1 => new OnRoot(),
            2 => new Shards(Split.Even(s_shape.Channels, ranks)),
            _ => new Tiles(Split.Even(s_shape.Rows, grid.Rows), Split.Even(s_shape.Columns, grid.Columns)),
        };
    }

    private static Region RandomRegion(Random random) =>
        new Region(RandomInterval(random, s_shape.Channels), RandomInterval(random, s_shape.Rows), RandomInterval(random, s_shape.Columns)).Intersect(Region.Whole(s_shape));

    private static Interval RandomInterval(Random random, int length)
    {
        int start = random.Next(length);
        return new(start, start + random.Next(length + 1 - start));
    }

    private static IEnumerable<(int Channel, int Row, int Column)> Cells() =>
        from channel in Enumerable.Range(0, s_shape.Channels) from row in Enumerable.Range(0, s_shape.Rows) from column in Enumerable.Range(0, s_shape.Columns) select (channel, row, column);

    private static bool Has(Region region, int channel, int row, int column) =>
        region.Channels.Contains(channel) && region.Rows.Contains(row) && region.Columns.Contains(column);
}
