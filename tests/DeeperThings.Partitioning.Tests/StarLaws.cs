using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.TestSupport;

namespace DeeperThings.Partitioning.Tests;

/// <summary>Laws of the schedule in which everything passes the root.</summary>
public sealed class StarLaws
{
    private const int Seeds = 100;

    [Fact]
    public void Every_message_starts_or_ends_at_the_root() => ForEach((_, programs, _) =>
    {
        foreach (RankProgram program in programs.Skip(1))
        {
            Assert.All(program.Steps.OfType<RedistributeStep>(), step => Assert.All(step.Sends.Concat(step.Receives), message => Assert.Equal(Partition.Root, message.Peer)));
            Assert.All(program.Steps.OfType<ReduceScatterStep>(), step => Assert.All(step.Sends, message => Assert.Equal(Partition.Root, message.Peer)));
        }
    });

    [Fact]
    public void Every_rank_but_the_root_receives_what_it_would_receive_from_peers() => ForEach((_, star, peers) =>
    {
        for (int rank = 1; rank < star.Length; rank++)
        {
            Assert.Equal(peers[rank].BytesReceived, star[rank].BytesReceived);
        }
    });

    [Fact]
    public void Partial_sums_that_do_not_end_on_the_root_are_refused()
    {
        Network network = Enumerable.Range(0, 50).Select(seed => RandomNetwork.Create(seed, 6)).First(network => network.Layers.Any(layer => layer.SumsOverInputChannels));
        Layer layer = network.Layers.First(layer => layer.SumsOverInputChannels);
        var plan = UniformPlan.Create(network, 3, UniformStrategy.LayerInput);
        PlanException error = Assert.Throws<PlanException>(() => Plan.Create(network, 3, "layer-input", plan, ScheduleKind.Star));
        Assert.Contains(layer.Name, error.Message, StringComparison.Ordinal);
        Assert.Equal(ScheduleKind.Star, Plan.Create(network, 3, "layer-input", StarPlan.Of(network, plan), ScheduleKind.Star).Schedule);
    }

    [Fact]
    public void Nothing_moves_inside_a_fused_stack_of_tiles()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            Network network = RandomNetwork.Create(seed, 2 + (seed % 10));
            int ranks = 2 + (seed % 5);
            var tiled = UniformPlan.Create(network, ranks, UniformStrategy.Tiled);
            var fused = FusedStack.Of(network, tiled, ranks);
            RankProgram[] programs = Lowering.AllRanks(network, fused, ranks);
            foreach (Layer layer in network.Layers.Where(layer => fused[layer.Index].Strategy == Strategy.Tiled))
            {
                bool staysInside = !network.Outputs.Contains(layer.Index)
                    && network.Layers.All(reader => reader.IsIdentity || fused[reader.Index].Strategy == Strategy.Tiled || reader.Inputs.All(input => network.Resolve(input) != layer.Index));
                Assert.True(!staysInside || programs.All(program => program.BytesRedistributedOf(layer.Index) == 0), $"seed {seed}, layer {layer.Name}");
            }
        }
    }

    /// <summary>The same layers as a star and as peers.</summary>
    private static void ForEach(Action<Network, RankProgram[], RankProgram[]> law)
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            Network network = RandomNetwork.Create(seed, 2 + (seed % 14));
            int ranks = random.Next(1, 9);
            var layers = RandomPlan.CreateForStar(network, ranks, random, reassociate: true);
            law(network, Lowering.AllRanks(network, layers, ranks, ScheduleKind.Star), Lowering.AllRanks(network, layers, ranks));
        }
    }
}
