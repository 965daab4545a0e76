using System.Collections.Immutable;
using System.Runtime.InteropServices;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;
using DeeperThings.TestSupport;
using Convolution = DeeperThings.Models.Convolution;

namespace DeeperThings.Execution.Tests;

/// <summary>Every law of a run, over seeded random networks with a random strategy for every layer.</summary>
public sealed class RandomPlanLaws
{
    private const int Seeds = 60;

    public static TheoryData<int> RankCounts => [1, 2, 3, 4, 6, 7];

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Output_is_bitwise_the_single_rank_output_unless_sums_are_reassociated(int ranks) => ForEachSeed(ranks, reassociate: false, (expected, actual, seed) =>
    {
        foreach ((int output, float[] values) in expected.Outputs)
        {
            Assert.True(
                MemoryMarshal.AsBytes(values.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(actual.Outputs[output].AsSpan())),
                $"seed {seed}, output {output}: {Difference(values, actual.Outputs[output])}");
        }
    });

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Output_with_reassociated_sums_is_close_to_the_single_rank_output(int ranks) => ForEachSeed(ranks, reassociate: true, (expected, actual, seed) =>
    {
        foreach ((int output, float[] values) in expected.Outputs)
        {
            float largest = values.Max(MathF.Abs);
            float difference = values.Zip(actual.Outputs[output], (a, b) => MathF.Abs(a - b)).Max();
            Assert.True(difference <= 2e-5f * Math.Max(largest, 1e-3f), $"seed {seed}, output {output}: {difference} of {largest}");
        }
    });

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Sent_received_and_allocated_bytes_are_the_planned_ones_on_every_rank(int ranks) => ForEachSeed(ranks, reassociate: true, (_, actual, seed) =>
    {
        foreach (RankOutcome rank in actual.Ranks)
        {
            Assert.Equal(rank.Program.BytesSent, rank.BytesSent);
            Assert.Equal(rank.Program.BytesReceived, rank.BytesReceived);
            Assert.Equal(rank.Program.Messages, rank.Messages);
            Assert.Equal(rank.Program.FootprintBytes, rank.FootprintBytesAllocated);
        }

        Assert.Equal(actual.Ranks.Sum(rank => rank.BytesSent), actual.Ranks.Sum(rank => rank.BytesReceived));
    });

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Float16_weights_give_the_bits_of_the_rounded_ones_on_one_rank_and_on_many(int ranks)
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            Network network = RandomNetwork.Create(seed, 3 + (seed % 12));
            float[] input = InProcessRun.RandomInput(network, seed);
            var plan = RandomPlan.Create(network, ranks, new Random((seed * 100) + ranks), reassociate: false);
            var half = UniformPlan.WithWeights(network, plan, ElementType.Float16);
            InProcessRun expected = InProcessRun.ExecuteWhole(network, new MemoryWeights(seed, ElementType.Float16), input, plan);
            InProcessRun whole = InProcessRun.ExecuteWhole(network, new MemoryWeights(seed), input, half);
            InProcessRun actual = InProcessRun.Execute(network, Lowering.AllRanks(network, half, ranks), new MemoryWeights(seed), input);
            Assert.All(actual.Ranks, rank => Assert.Equal(rank.Program.FootprintBytes, rank.FootprintBytesAllocated));
            foreach ((int output, float[] values) in expected.Outputs)
            {
                Assert.True(MemoryMarshal.AsBytes(values.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(actual.Outputs[output].AsSpan())), $"seed {seed}, output {output}: {Difference(values, actual.Outputs[output])}");
                Assert.Equal(values, whole.Outputs[output]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void Maps_sent_as_float16_all_or_some_give_the_bits_of_one_rank_that_rounds_the_same_maps(int ranks)
    {
        int rounded = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            Network network = RandomNetwork.Create(seed, 3 + (seed % 12));
            float[] input = InProcessRun.RandomInput(network, seed);
            var weights = new MemoryWeights(seed);
            var exact = RandomPlan.Create(network, ranks, new Random((seed * 100) + ranks), reassociate: false);
            var plan = UniformPlan.WithWire(network, exact, ranks, ElementType.Float16);
            if (seed % 2 == 1)
            {
                var random = new Random(seed);
                plan = [.. plan.Select(layer => random.Next(2) == 0 ? layer : layer with { Wire = ElementType.Float32 })];
            }

            RankProgram[] programs = Lowering.AllRanks(network, plan, ranks);
            InProcessRun expected = InProcessRun.ExecuteWhole(network, weights, input, plan);
            InProcessRun actual = InProcessRun.Execute(network, programs, weights, input);
            foreach ((int output, float[] values) in expected.Outputs)
            {
                Assert.True(MemoryMarshal.AsBytes(values.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(actual.Outputs[output].AsSpan())), $"seed {seed}, output {output}: {Difference(values, actual.Outputs[output])}");
            }

            foreach (RankOutcome rank in actual.Ranks)
            {
                Assert.Equal(rank.Program.BytesSent, rank.BytesSent);
                Assert.Equal(rank.Program.BytesReceived, rank.BytesReceived);
                Assert.Equal(rank.Program.FootprintBytes, rank.FootprintBytesAllocated);
            }

            RankProgram[] full = Lowering.AllRanks(network, exact, ranks);
            foreach (LayerPlan layer in plan)
            {
                if (layer.Wire == ElementType.Float32)
                {
                    Assert.Equal(full.Sum(program => program.BytesRedistributedOf(layer.Index)), programs.Sum(program => program.BytesRedistributedOf(layer.Index)));
                    continue;
                }

                // Messages of an odd number of halves are one half longer.
                long bytes = programs.Sum(program => program.BytesRedistributedOf(layer.Index));
                long twice = full.Sum(program => program.BytesRedistributedOf(layer.Index));
                Assert.InRange(bytes, twice / 2, (twice / 2) + (2 * programs.Sum(program => program.Messages)));
                rounded++;
            }
        }

        Assert.True(ranks == 1 || rounded > Seeds, $"{rounded} maps were rounded");
    }

    [Theory]
    [MemberData(nameof(RankCounts))]
    public void What_is_computed_beside_an_exchange_changes_no_bit_and_no_byte(int ranks)
    {
        const int Repeat = 2;
        int parted = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            Network network = RandomNetwork.Create(seed, 3 + (seed % 12));
            float[] input = InProcessRun.RandomInput(network, seed);
            var plan = seed % 3 == 0 ? RandomPlan.Create(network, ranks, new Random((seed * 100) + ranks), reassociate: true) : UniformPlan.Create(network, ranks, UniformStrategy.Tiled);
            plan = seed % 3 == 1 ? WithWinograd(network, plan) : plan;
            InProcessRun never = Run(Overlap.Never);
            foreach (Overlap overlap in new[] { Overlap.WhereItPays, Overlap.WherePossible })
            {
                InProcessRun actual = Run(overlap);
                foreach ((int output, float[] values) in never.Outputs)
                {
                    Assert.True(MemoryMarshal.AsBytes(values.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(actual.Outputs[output].AsSpan())), $"seed {seed}, {overlap}, output {output}: {Difference(values, actual.Outputs[output])}");
                }

                foreach ((RankOutcome rank, RankOutcome other) in actual.Ranks.Zip(never.Ranks))
                {
                    Assert.Equal(other.BytesSent, rank.BytesSent);
                    Assert.Equal(other.BytesReceived, rank.BytesReceived);
                    Assert.Equal(other.Messages, rank.Messages);
                    Assert.Equal(Repeat * rank.Program.BytesSent, rank.BytesSent);
                    Assert.Equal(Repeat * rank.Program.BytesReceived, rank.BytesReceived);
                    Assert.Equal(rank.Program.FootprintBytes, rank.FootprintBytesAllocated);
                    Assert.Equal(other.Program.Flops, rank.Program.Flops);
                    parted += overlap == Overlap.WherePossible ? rank.Program.Steps.Zip(rank.Program.Steps.Skip(1)).Count(pair => pair is (ComputeStep, FinishStep)) : 0;
                }
            }

            InProcessRun Run(Overlap overlap) => InProcessRun.Execute(network, Lowering.AllRanks(network, plan, ranks, overlap: overlap), new MemoryWeights(seed), input, Repeat);
        }

        Assert.True(ranks == 1 || parted > Seeds / 2, $"{parted} convolutions were computed beside an exchange");
    }

    [Fact]
    public void A_plan_that_rounds_an_output_of_the_network_is_refused()
    {
        Network network = RandomNetwork.Create(1, 4);
        var plan = UniformPlan.Create(network, 2, UniformStrategy.LayerOutput);
        int output = network.Outputs[^1];
        Assert.Throws<PlanException>(() => Lowering.AllRanks(network, plan.SetItem(output, plan[output] with { Wire = ElementType.Float16 }), 2));
    }

    [Fact]
    public void A_plan_gives_the_same_bits_on_every_run_and_every_inference()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            Network network = RandomNetwork.Create(seed, 10);
            float[] input = InProcessRun.RandomInput(network, seed);
            RankProgram[] programs = Lowering.AllRanks(network, RandomPlan.Create(network, 5, new Random(seed), true), 5);
            InProcessRun once = InProcessRun.Execute(network, programs, new MemoryWeights(seed), input);
            InProcessRun thrice = InProcessRun.Execute(network, programs, new MemoryWeights(seed), input, repeat: 3);
            foreach (int output in network.Outputs)
            {
                Assert.Equal(once.Outputs[output], thrice.Outputs[output]);
            }

            Assert.All(thrice.Ranks, rank => Assert.Equal(3 * rank.Program.BytesSent, rank.BytesSent));
        }
    }

    private static ImmutableArray<LayerPlan> WithWinograd(Network network, ImmutableArray<LayerPlan> plan) =>
    [
        .. plan.Select((layer, index) => network.Layers[index] is Convolution convolution && convolution.KernelShape(ConvolutionAlgorithm.Direct).CanWinograd
            ? layer with { Algorithm = ConvolutionAlgorithm.Winograd }
            : layer),
    ];

    private static void ForEachSeed(int ranks, bool reassociate, Action<InProcessRun, InProcessRun, int> law)
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            Network network = RandomNetwork.Create(seed, 3 + (seed % 12));
            float[] input = InProcessRun.RandomInput(network, seed);
            var weights = new MemoryWeights(seed);
            var plan = RandomPlan.Create(network, ranks, new Random((seed * 100) + ranks), reassociate);
            InProcessRun expected = InProcessRun.ExecuteWhole(network, weights, input, plan);
            InProcessRun actual = InProcessRun.Execute(network, Lowering.AllRanks(network, plan, ranks), weights, input);
            law(expected, actual, seed);
        }
    }

    private static string Difference(float[] expected, float[] actual)
    {
        int first = Enumerable.Range(0, expected.Length).FirstOrDefault(i => BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]), -1);
        return first < 0 ? "none" : $"element {first} of {expected.Length} is {actual[first]:R} instead of {expected[first]:R}";
    }
}
