using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.TestSupport;

namespace DeeperThings.Execution.Tests;

/// <summary>Runs in which everything passes the root.</summary>
public sealed class StarLaws
{
    private const int Seeds = 40;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    public void A_star_gives_the_bits_of_one_rank_and_sends_and_allocates_what_is_planned(int ranks)
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            Network network = RandomNetwork.Create(seed, 3 + (seed % 12));
            float[] input = InProcessRun.RandomInput(network, seed);
            var weights = new MemoryWeights(seed);
            var layers = seed % 4 == 0
                ? StarPlan.Of(network, FusedStack.Of(network, UniformPlan.Create(network, ranks, UniformStrategy.Tiled), ranks))
                : RandomPlan.CreateForStar(network, ranks, new Random((seed * 100) + ranks), reassociate: false);
            InProcessRun whole = InProcessRun.ExecuteWhole(network, weights, input, layers);
            InProcessRun star = InProcessRun.Execute(network, Lowering.AllRanks(network, layers, ranks, ScheduleKind.Star), weights, input);
            foreach (int output in network.Outputs)
            {
                Assert.Equal(whole.Outputs[output], star.Outputs[output]);
            }

            foreach (RankOutcome rank in star.Ranks)
            {
                Assert.Equal(rank.Program.BytesSent, rank.BytesSent);
                Assert.Equal(rank.Program.BytesReceived, rank.BytesReceived);
                Assert.Equal(rank.Program.FootprintBytes, rank.FootprintBytesAllocated);
            }
        }
    }
}
