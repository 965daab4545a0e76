using System.Collections.Immutable;
using DeeperThings.Execution;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Models.Darknet;
using DeeperThings.Mpi;
using DeeperThings.Partitioning;
using DeeperThings.TestSupport;

namespace DeeperThings.Execution.Tests;

/// <summary>What a rank reads of the weights, counted and digested.</summary>
public sealed class RankWeightsLaws : IDisposable
{
    private const int HeaderBytes = 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("deeperthings-execution-").FullName;

    private string WeightsPath => Path.Combine(_folder, "random.weights");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_rank_reads_the_bytes_of_its_slices_and_their_digest_is_the_plans()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            Network network = RandomNetwork.Create(seed, 8);
            DarknetWeightsWriter.Initialize(network, seed, WeightsPath);
            Plan plan = Sealed(network, Plan.Create(network, 4, "random", RandomPlan.Create(network, 4, new Random(seed), true)));
            foreach (RankProgram program in Programs(network, plan))
            {
                (long read, string digest) = Load(network, program);
                long planned = RankWeights.Of(network, program).Sum(load => (load.Slice.WeightCount + load.Slice.BiasCount) * sizeof(float));
                Assert.Equal(planned, read);
                Assert.Equal(plan.WeightsDigests!.Value[program.Rank], digest);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(7)]
    public void With_output_shards_all_ranks_together_read_the_weights_once(int ranks)
    {
        ModelFile signs = ModelFile.Open(Repository.PathOf("models", "signs", "signs.cfg"));
        ImmutableArray<LayerPlan> layers = UniformPlan.Create(signs.Network, ranks, UniformStrategy.LayerOutput);
        long read = Lowering.AllRanks(signs.Network, layers, ranks).Sum(program => Load(signs.Network, program, signs.WeightsPath).Read);
        Assert.Equal(new FileInfo(signs.WeightsPath).Length - HeaderBytes, read);
    }

    [Fact]
    public void A_flipped_byte_is_noticed_by_the_rank_that_reads_it_alone()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            Network network = RandomNetwork.Create(seed, 8);
            DarknetWeightsWriter.Initialize(network, seed, WeightsPath);
            Plan plan = Sealed(network, Plan.Create(network, 3, "layer-output", UniformPlan.Create(network, 3, UniformStrategy.LayerOutput)));
            byte[] bytes = File.ReadAllBytes(WeightsPath);
            if (bytes.Length == HeaderBytes)
            {
                continue;
            }

            bytes[new Random(seed).Next(HeaderBytes, bytes.Length)] ^= 1;
            File.WriteAllBytes(WeightsPath, bytes);
            int noticed = Programs(network, plan).Count(program => Load(network, program).Digest != plan.WeightsDigests!.Value[program.Rank]);
            Assert.Equal(1, noticed);
        }
    }

    private static RankProgram[] Programs(Network network, Plan plan) => Lowering.AllRanks(network, plan.Layers, plan.Ranks);

    private Plan Sealed(Network network, Plan plan)
    {
        using WeightsFile weights = WeightsFile.Open(WeightsPath, network);
        return plan.For(network, weights);
    }

    private (long Read, string Digest) Load(Network network, RankProgram program, string? path = null)
    {
        using WeightsFile weights = WeightsFile.Open(path ?? WeightsPath, network);
        string digest = "";
        InProcessWorld.Run(1, comm =>
        {
            using var workers = new WorkerPool(1);
            using var executor = new Executor(network, program with { Ranks = 1, Rank = 0 }, weights, comm, workers);
            digest = executor.WeightsDigest;
        });
        return (weights.BytesRead, digest);
    }
}
