namespace DeeperThings.Execution.Tests;

public sealed class CoreShareLaws
{
    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-3,8", new[] { 0, 1, 2, 3, 8 })]
    [InlineData("2,4-5", new[] { 2, 4, 5 })]
    public void Cores_are_read_as_the_kernel_lists_them(string list, int[] cores) => Assert.Equal(cores, CoreShare.Parse(list).Order());

    [Theory]
    [InlineData(8, new[] { "0-7" }, 8)]
    [InlineData(8, new[] { "0-7", "0-7" }, 4)]
    [InlineData(8, new[] { "0-7", "0-7", "0-7" }, 2)]
    [InlineData(2, new[] { "0-1", "0-1", "0-1", "0-1" }, 1)] // more ranks than cores
    [InlineData(4, new[] { "0-3", "4-7" }, 4)] // bound to cores of their own
    [InlineData(4, new[] { "0-3", "2-5" }, 3)] // two of four are shared
    [InlineData(2, new[] { "0-7" }, 2)] // a quota of two cores
    [InlineData(2, new[] { "0-7", "0-7" }, 1)]
    public void A_rank_has_its_part_of_the_cores_that_it_may_use(int processors, string[] ranks, int threads)
    {
        IReadOnlySet<int>[] cores = [.. ranks.Select(CoreShare.Parse)];
        Assert.Equal(threads, CoreShare.Threads(processors, cores[0], cores));
    }

    [Fact]
    public void Threads_of_all_ranks_are_no_more_than_their_cores_where_those_suffice()
    {
        var random = new Random(5);
        for (int trial = 0; trial < 200; trial++)
        {
            IReadOnlySet<int>[] ranks = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => CoreShare.Parse($"{random.Next(4)}-{random.Next(8, 24)}"))];
            int all = ranks.Sum(mine => CoreShare.Threads(mine.Count, mine, ranks));
            Assert.InRange(all, ranks.Length, Math.Max(ranks.Length, ranks.SelectMany(cores => cores).Distinct().Count()));
        }
    }
}
