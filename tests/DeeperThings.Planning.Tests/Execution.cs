using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.TestSupport;

namespace DeeperThings.Planning.Tests;

/// <summary>Runs a plan with ranks as threads and compares everything that can be compared.</summary>
internal static class Execution
{
    /// <summary>Re-associating one sum of at most some thousand products moves its last bits only; softmax and heads do not enlarge that.</summary>
    private const double ReassociationBound = 1e-4;

    public static void Check(Network network, Plan plan, int seed)
    {
        plan.Validate(network);
        using var weights = new MemoryWeights(seed);
        float[] input = InProcessRun.RandomInput(network, seed);
        InProcessRun whole = InProcessRun.ExecuteWhole(network, weights, input, plan.Layers);
        InProcessRun run = InProcessRun.Execute(network, plan.ProgramsFor(network), weights, input);
        bool reassociates = plan.Layers.Any(layer => layer.Strategy == Strategy.LayerInput);
        foreach ((int layer, float[] expected) in whole.Outputs)
        {
            float[] actual = run.Outputs[layer];
            if (!reassociates)
            {
                Assert.Equal(expected, actual);
                continue;
            }

            double largest = Math.Max(1e-3, expected.Max(MathF.Abs));
            Assert.Equal(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.True(Math.Abs(expected[i] - actual[i]) <= ReassociationBound * largest, $"{network.Name} output {layer}[{i}]: {actual[i]}, one rank {expected[i]}");
            }
        }

        for (int rank = 0; rank < plan.Ranks; rank++)
        {
            Assert.Equal(plan.Counts.BytesSent[rank], run.Ranks[rank].BytesSent);
            Assert.Equal(plan.Counts.BytesReceived[rank], run.Ranks[rank].BytesReceived);
            Assert.Equal(plan.Counts.FootprintBytes[rank], run.Ranks[rank].FootprintBytesAllocated);
        }
    }
}
