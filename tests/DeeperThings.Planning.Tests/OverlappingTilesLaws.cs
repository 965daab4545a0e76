using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Planning.Layout;
using DeeperThings.Tensors;

namespace DeeperThings.Planning.Tests;

public sealed class OverlappingTilesLaws
{
    [Fact]
    public void A_fused_stack_sends_nothing_inside_the_stack()
    {
        Network network = LayoutLaws.Chain(24, 4, 4, 2);
        ClusterProfile slowToStart = TestClusters.Of([.. Enumerable.Repeat(TestClusters.Host(0.1, 10, 0.05), 4)]);
        LayoutResult result = LayoutFormulation.Solve(new() { Network = network, Cluster = slowToStart, Keep = plan => plan.Strategy == Strategy.Tiled });
        Assert.All(result.Plan.Layers.Take(3), layer => Assert.IsType<OverlappingTiles>(layer.Output));
        RankProgram[] programs = Lowering.AllRanks(network, result.Plan.Layers, 4);
        Assert.All(Enumerable.Range(0, 3), layer => Assert.Equal(0, programs.Sum(program => program.BytesSentOf(layer))));
        Assert.True(programs.Sum(program => program.BytesSentOf(Network.Input)) > 0);
        Assert.True(result.Plan.Counts.Flops.Sum() > network.TotalFlops);
        Execution.Check(network, result.Plan, 1);
    }

    [Fact]
    public void Overlapping_tiles_are_read_as_they_were_written()
    {
        Network network = LayoutLaws.Chain(24, 4, 4, 2);
        LayoutResult result = LayoutFormulation.Solve(new() { Network = network, Cluster = TestClusters.Of([.. Enumerable.Repeat(TestClusters.Host(0.1, 10, 0.05), 4)]), Keep = plan => plan.Strategy == Strategy.Tiled });
        string json = PlanFile.ToJson(result.Plan);
        Assert.Contains("\"kind\": \"overlapping-tiles\"", json, StringComparison.Ordinal);
        Plan read = PlanFile.Parse(System.Text.Encoding.UTF8.GetBytes(json), "plan.json");
        Assert.Equal(result.Plan.Layers.AsEnumerable(), read.Layers);
    }

    [Theory]
    [InlineData("[[0, 5], [4, 10]]", true)]
    [InlineData("[[0, 10], [3, 4]]", true)]
    [InlineData("[[4, 10], [0, 5]]", true)]
    [InlineData("[[0, 5], [6, 10]]", false)]
    [InlineData("[[0, 5], [4, 9]]", false)]
    [InlineData("[[0, 5], [4, 11]]", false)]
    [InlineData("[[-1, 5], [4, 10]]", false)]
    public void Overlapping_tiles_must_cover_the_map_and_lie_in_it(string rows, bool isValid)
    {
        int[][] pairs = System.Text.Json.JsonSerializer.Deserialize<int[][]>(rows)!;
        var tiles = new OverlappingTiles(new([.. pairs.Select(pair => new Interval(pair[0], pair[1]))]), new([new(0, 3)]));
        if (isValid)
        {
            tiles.Validate(new(1, 10, 3), 2, "here");
            return;
        }

        PlanException error = Assert.Throws<PlanException>(() => tiles.Validate(new(1, 10, 3), 2, "here"));
        Assert.Contains("do not cover 10x3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_proportional_split_follows_the_weights_and_leaves_no_part_empty()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            double[] weights = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => Math.Pow(10, random.NextDouble() * 3))];
            int length = random.Next(0, 100);
            Split split = Split.Proportional(length, weights);
            Assert.Equal((length, weights.Length), (split.Length, split.Count));
            for (int part = 0; part < weights.Length; part++)
            {
                double share = length * weights[part] / weights.Sum();
                Assert.True(length < weights.Length || split[part].Length >= 1);
                Assert.True(split[part].Length <= Math.Max(1, Math.Ceiling(share)));
            }
        }

        Assert.Equal(Split.Even(17, 5), Split.Proportional(17, [3, 3, 3, 3, 3]));
        Assert.Equal(new Split([0, 2, 3, 4]), Split.Proportional(4, [2, 1, 1]));
        Assert.Throws<PlanException>(() => Split.Proportional(4, [0, 0]));
        Assert.Throws<PlanException>(() => Split.Proportional(4, [1, double.NaN]));
    }
}
