using System.Runtime.InteropServices;
using DeeperThings.Models;
using DeeperThings.Models.Darknet;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;
using DeeperThings.TestSupport;

namespace DeeperThings.Conformance.Tests;

/// <summary>
/// Every network, number of ranks and strategy gives what Darknet itself gives; bitwise what one rank gives where no sum is reassociated;
/// and sends and allocates what was planned. Small inputs; full sizes run with <c>./run.sh test --all</c>.
/// </summary>
public sealed class DarknetConformance
{
    /// <summary>Largest difference to Darknet, as a share of its largest value.</summary>
    private const double Tolerance = 1e-4;

    // Halves have 11 bits: each weight and each map that moves is off by at most 2⁻¹¹ of itself.
    private const double Float16Tolerance = 1e-2;

    private static readonly int[] s_rankCounts = [1, 2, 3, 6, 7];

    private static readonly bool s_all = Environment.GetEnvironmentVariable("DEEPERTHINGS_TEST_ALL") == "1";

    /// <summary>The networks whose full size is run; without --all only one that is quick.</summary>
    public static TheoryData<string> FullSizes => s_all ? [.. SmallNetworks.All] : ["tiny"];

    public static TheoryData<string> Networks => [.. SmallNetworks.All];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Every_strategy_under_every_number_of_ranks_gives_Darknets_output(string name) =>
        Check(SmallNetworks.Get(name), s_rankCounts);

    [Theory]
    [MemberData(nameof(FullSizes))]
    public void At_full_size_every_strategy_under_six_ranks_gives_Darknets_output(string name) =>
        Check(SmallNetworks.Get($"{name}-full", () => File.ReadAllText(Path.Combine(SmallNetworks.CfgFolder, name + ".cfg"))), [6]);

    [Theory]
    [MemberData(nameof(Networks))]
    public void With_float16_weights_and_wire_the_output_is_near_Darknets_and_the_bits_of_one_rank(string name)
    {
        SmallNetwork small = SmallNetworks.Get(name);
        Network network = small.Network;
        float[] input = SmallNetworks.Input(network, seed: 2);
        Dictionary<int, float[]> expected = RunDarknet(small, input);
        using DarknetWeights weights = DarknetWeights.Open(small.WeightsPath, network);
        foreach (ElementType wire in Enum.GetValues<ElementType>())
        {
            foreach (int ranks in wire == ElementType.Float16 ? (int[])[2, 6] : [6])
            {
                var plan = UniformPlan.WithWeights(network, UniformPlan.Create(network, ranks, UniformStrategy.LayerOutput), ElementType.Float16);
                plan = UniformPlan.WithWire(network, plan, ranks, wire);
                InProcessRun run = InProcessRun.Execute(network, Lowering.AllRanks(network, plan, ranks), weights, input);
                InProcessRun whole = InProcessRun.ExecuteWhole(network, weights, input, plan);
                AssertAsPlanned(run, $"{name}, {ranks} ranks");
                foreach (int output in network.Outputs)
                {
                    Assert.True(SameBits(whole.Outputs[output], run.Outputs[output]), $"{name}, {ranks} ranks: not the bits of one rank");
                    double largest = expected[output].Max(value => Math.Abs((double)value));
                    double difference = expected[output].Zip(run.Outputs[output], (a, b) => Math.Abs((double)a - b)).Max();
                    TestContext.Current.TestOutputHelper?.WriteLine($"{name}, {ranks} ranks, wire {wire}: {difference / largest:E1} of the largest value");
                    Assert.InRange(difference, 0, Float16Tolerance * largest);
                }
            }
        }
    }

    private static void Check(SmallNetwork small, int[] rankCounts)
    {
        Network network = small.Network;
        float[] input = SmallNetworks.Input(network, seed: 2);
        Dictionary<int, float[]> expected = RunDarknet(small, input);
        using DarknetWeights weights = DarknetWeights.Open(small.WeightsPath, network);
        InProcessRun whole = InProcessRun.ExecuteWhole(network, weights, input);
        foreach (int ranks in rankCounts)
        {
            foreach (UniformStrategy strategy in Enum.GetValues<UniformStrategy>())
            {
                string where = $"{small.Name}, {ranks} ranks, {strategy}";
                RankProgram[] programs = Lowering.AllRanks(network, UniformPlan.Create(network, ranks, strategy), ranks);
                InProcessRun run = InProcessRun.Execute(network, programs, weights, input);
                bool reassociates = strategy is UniformStrategy.LayerInput or UniformStrategy.FusedWeights && ranks > 1;
                foreach (int output in network.Outputs)
                {
                    AssertClose(expected[output], run.Outputs[output], where);
                    Assert.True(reassociates || SameBits(whole.Outputs[output], run.Outputs[output]), $"{where}: not the bits of one rank");
                }

                AssertAsPlanned(run, where);
            }
        }
    }

    private static Dictionary<int, float[]> RunDarknet(SmallNetwork small, float[] input)
    {
        using DarknetLibrary darknet = DarknetLibrary.Load(small.CfgPath, small.WeightsPath);
        darknet.Predict(input);
        return small.Network.Outputs.ToDictionary(output => output, darknet.Output);
    }

    private static void AssertClose(float[] expected, float[] actual, string where)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Max(value => Math.Abs((double)value));
        Assert.True(largest > 0, $"{where}: Darknet gives zeros");
        double difference = expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max();
        Assert.True(difference <= Tolerance * largest, $"{where}: difference {difference} of {largest}");
    }

    private static bool SameBits(float[] a, float[] b) => MemoryMarshal.AsBytes(a.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(b.AsSpan()));

    private static void AssertAsPlanned(InProcessRun run, string where)
    {
        foreach (RankOutcome rank in run.Ranks)
        {
            Assert.True(
                rank.BytesSent == rank.Program.BytesSent && rank.BytesReceived == rank.Program.BytesReceived && rank.FootprintBytesAllocated == rank.Program.FootprintBytes,
                $"{where}, rank {rank.Program.Rank}: not as planned");
        }
    }
}
