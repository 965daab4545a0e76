using System.Collections.Immutable;
using DeeperThings.Execution;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Mpi;
using DeeperThings.Partitioning;

namespace DeeperThings.TestSupport;

/// <summary>What one rank really did in a run.</summary>
public sealed record RankOutcome(RankProgram Program, long BytesSent, long BytesReceived, long Messages, long FootprintBytesAllocated);

/// <summary>A run of a plan with all ranks as threads of this process.</summary>
public sealed record InProcessRun(IReadOnlyDictionary<int, float[]> Outputs, RankOutcome[] Ranks)
{
    /// <param name="repeat">Inferences of the same input.</param>
    public static InProcessRun Execute(Network network, IReadOnlyList<RankProgram> programs, IWeightSource weights, ReadOnlyMemory<float> input, int repeat = 1)
    {
        var outputs = new Dictionary<int, float[]>();
        var ranks = new RankOutcome[programs.Count];
        InProcessWorld.Run(programs.Count, comm =>
        {
            using var workers = new WorkerPool(1);
            using var executor = new Executor(network, programs[comm.Rank], weights, comm, workers);
            for (int i = 0; i < repeat; i++)
            {
                if (comm.Rank == Partition.Root)
                {
                    input.Span.CopyTo(executor.Input);
                }

                executor.Run();
            }

            if (comm.Rank == Partition.Root)
            {
                foreach (int output in network.Outputs)
                {
                    outputs[output] = executor.Output(output).ToArray();
                }
            }

            ranks[comm.Rank] = new(executor.Program, comm.BytesSent, comm.BytesReceived, comm.MessagesSent, executor.FootprintBytesAllocated);
        });
        return new(outputs, ranks);
    }

    /// <summary>The network on one rank, with the algorithms that <paramref name="like"/> has or else the faster ones.</summary>
    public static InProcessRun ExecuteWhole(Network network, IWeightSource weights, ReadOnlyMemory<float> input, ImmutableArray<LayerPlan>? like = null)
    {
        ImmutableArray<LayerPlan> whole = like is null ? UniformPlan.Create(network, 1, UniformStrategy.Whole) : UniformPlan.WholeLike(network, like.Value);
        return Execute(network, Lowering.AllRanks(network, whole, 1), weights, input);
    }

    /// <summary>An input for <paramref name="network"/> with values in [0, 1).</summary>
    public static float[] RandomInput(Network network, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)network.InputShape.Count).Select(_ => random.NextSingle())];
    }
}
