using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Mpi;
using DeeperThings.Partitioning;
using DeeperThings.TestSupport;
using LocallyConnected = DeeperThings.Models.LocallyConnected;

namespace DeeperThings.Execution.Tests;

public sealed class SteadyState
{
    [Fact]
    public void An_inference_allocates_no_managed_memory_on_any_rank()
    {
        const int Ranks = 4;
        for (int seed = 0; seed < 20; seed++)
        {
            Network network = RandomNetwork.Create(seed, 12);
            RankProgram[] programs = Lowering.AllRanks(network, RandomPlan.Create(network, Ranks, new Random(seed), true), Ranks, overlap: (Overlap)(seed % 3));
            long[] allocated = new long[Ranks];
            InProcessWorld.Run(Ranks, comm =>
            {
                using var workers = new WorkerPool(1);
                using var executor = new Executor(network, programs[comm.Rank], new MemoryWeights(seed), comm, workers);
                executor.Run();
                executor.Run();
                long before = GC.GetAllocatedBytesForCurrentThread();
                executor.Run();
                allocated[comm.Rank] = GC.GetAllocatedBytesForCurrentThread() - before;
            });
            Assert.All(allocated, bytes => Assert.Equal(0, bytes));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void An_inference_allocates_no_managed_memory_on_any_thread(int threads)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            Network network = RandomNetwork.Create(seed, 12);
            RankProgram program = Lowering.ForRank(network, UniformPlan.Create(network, 1, UniformStrategy.Whole), 1, 0);
            long least = long.MaxValue;
            InProcessWorld.Run(1, comm =>
            {
                using var workers = new WorkerPool(threads);
                using var executor = new Executor(network, program, new MemoryWeights(seed), comm, workers);
                executor.Run();

                // The threads of other tests and of the test runner allocate now and then; an inference would each time.
                for (int round = 0; round < 200 && least > 0; round++)
                {
                    long before = GC.GetTotalAllocatedBytes(precise: true);
                    executor.Run();
                    least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
                }
            });
            Assert.Equal(0, least);
        }
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit_of_a_network()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            Network network = RandomNetwork.Create(seed, 12);
            RankProgram program = Lowering.ForRank(network, UniformPlan.Create(network, 1, UniformStrategy.Whole), 1, 0);
            int[][] bits = [.. new[] { 1, 2, 3, 5 }.Select(Run)];
            Assert.All(bits, other => Assert.Equal(bits[0], other));

            int[] Run(int threads)
            {
                int[] result = [];
                InProcessWorld.Run(1, comm =>
                {
                    using var workers = new WorkerPool(threads);
                    using var executor = new Executor(network, program, new MemoryWeights(seed), comm, workers);
                    var random = new Random(seed);
                    foreach (ref float value in executor.Input)
                    {
                        value = random.NextSingle();
                    }

                    executor.Run();
                    result = [.. network.Outputs.SelectMany(layer => executor.Output(layer).ToArray()).Select(BitConverter.SingleToInt32Bits)];
                });
                return result;
            }
        }
    }

    [Fact]
    public void A_rank_reads_only_its_slices_of_the_weights()
    {
        const int Ranks = 3;
        Network network = RandomNetwork.Create(11, 10);
        long all = network.TotalParameters * sizeof(float);
        foreach (RankProgram program in Lowering.AllRanks(network, UniformPlan.Create(network, Ranks, UniformStrategy.LayerOutput), Ranks))
        {
            long planned = program.Steps.OfType<ComputeStep>().Sum(step => network.Layers[step.Layer] is WeightedLayer layer
                ? ((step.Region.Count / step.Region.Rows.Length / step.Region.Columns.Length * layer.WeightsPerFilter * (layer is LocallyConnected ? step.Region.Rows.Length * step.Region.Columns.Length : 1)) + step.Weights.Biases.Count) * sizeof(float)
                : 0);
            using var weights = new MemoryWeights(1);
            InProcessWorld.Run(1, comm =>
            {
                using var workers = new WorkerPool(1);
                using var executor = new Executor(network, program with { Ranks = 1, Rank = 0 }, weights, comm, workers);
            });
            Assert.Equal(planned, weights.BytesRead);
            Assert.True(weights.BytesRead < all);
        }
    }
}
