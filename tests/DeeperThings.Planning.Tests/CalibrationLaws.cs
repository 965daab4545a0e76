using System.Collections.Immutable;
using DeeperThings.Execution.Profiling;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Planning.Simulation;
using DeeperThings.Tensors;
using DeeperThings.TestSupport;
using Convolution = DeeperThings.Models.Convolution;

namespace DeeperThings.Planning.Tests;

/// <summary>From measured seconds to the costs that predict them.</summary>
public sealed class CalibrationLaws
{
    private const int Lanes = 16;

    private static readonly KernelCosts s_costs = new() { SecondsPerFlop = 2e-11, SecondsPerGathered = 7e-10, SecondsPerWeight = 1.3e-9, SecondsPerMapByte = 5e-11, SecondsPerCall = 3e-5 };

    private static readonly LayerWork[] s_convolutions = [.. SampleLayers.All.Where(work => !work.IsWinograd && LayerKinds.KindOf(work.Layer) == LayerKind.Convolution3x3)];

    [Fact]
    public void Costs_that_made_the_seconds_are_found_again()
    {
        KernelCosts found = Calibration.Fit([.. s_convolutions.Select(work => (work, s_costs.Seconds(work, Lanes)))], Lanes);
        foreach (LayerWork work in s_convolutions)
        {
            Assert.Equal(1, found.Seconds(work, Lanes) / s_costs.Seconds(work, Lanes), 0.005);
        }
    }

    [Fact]
    public void Costs_are_never_negative_and_errors_stay_below_those_of_the_measurement()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 5; trial++)
        {
            (LayerWork, double)[] samples = [.. s_convolutions.Select(work => (work, s_costs.Seconds(work, Lanes) * (0.9 + (0.2 * random.NextDouble()))))];
            KernelCosts found = Calibration.Fit(samples, Lanes);
            Assert.All((double[])[found.SecondsPerFlop, found.SecondsPerGathered, found.SecondsPerWeight, found.SecondsPerMapByte, found.SecondsPerCall], cost => Assert.True(cost >= 0));
            Assert.All(s_convolutions, work => Assert.InRange(found.Seconds(work, Lanes) / s_costs.Seconds(work, Lanes), 0.85, 1.15));
        }
    }

    [Fact]
    public void A_calibrated_host_computes_a_sample_in_its_measured_seconds_and_survives_its_file()
    {
        ClusterProfile cluster = Calibrated(ranks: 2, jitterSeconds: 0.006);
        ClusterProfile read = ClusterProfile.Parse(System.Text.Encoding.UTF8.GetBytes(cluster.ToJson()), "test");
        foreach (LayerWork work in SampleLayers.All)
        {
            Assert.Equal(1, read.ComputeSeconds(work, 0) / s_costs.Seconds(work, Lanes), 0.02);
            Assert.Equal(cluster.ComputeSeconds(work, 0), read.ComputeSeconds(work, 0));
        }

        // Of two ranks the later one is behind the mean by a sixth of the jitter.
        Assert.Equal(0.001, read.MeetingSeconds(0), 1e-12);
        Assert.Equal((1000 / 1e6) + 2e-4 + (3000 * 1e-9) + 0.001, read.TransferSeconds(0, 1000, 2000, 2, 3000) - (1000 / 1e6), 1e-9);
    }

    [Fact]
    public void A_negative_cost_is_refused()
    {
        ClusterProfile cluster = Calibrated(ranks: 1, jitterSeconds: 0);
        KernelProfile kernels = cluster.Hosts[0].Kernels! with { Winograd = s_costs with { SecondsPerWeight = -1 } };
        ClusterProfile wrong = cluster with { Hosts = [cluster.Hosts[0] with { Kernels = kernels }] };
        PlanException refused = Assert.Throws<PlanException>(() => ClusterProfile.Parse(System.Text.Encoding.UTF8.GetBytes(wrong.ToJson()), "test"));
        Assert.Contains("kernels.winograd", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocked_work_is_never_less_than_the_work_and_equals_it_in_whole_blocks()
    {
        foreach (LayerWork work in SampleLayers.All.Where(work => work.Layer is Models.Convolution && !work.IsWinograd))
        {
            Assert.True(work.BlockedFlops(Lanes) >= work.Flops);
            if (work.Region.Channels.Length % 8 == 0 && work.Region.Rows.Length * work.Region.Columns.Length % Lanes == 0)
            {
                Assert.Equal(work.Flops, work.BlockedFlops(Lanes));
            }
        }
    }

    [Fact]
    public void More_positions_never_take_less_and_a_single_vector_takes_longer_than_its_share()
    {
        foreach (int lanes in (int[])[4, 8, 16])
        {
            for (int columns = 1; columns <= 12 * lanes; columns++)
            {
                Assert.True(ConvolutionShape.ColumnsOf(columns, lanes) >= columns);
                Assert.True(ConvolutionShape.ColumnsOf(columns + 1, lanes) >= ConvolutionShape.ColumnsOf(columns, lanes));
            }

            Assert.True(ConvolutionShape.ColumnsOf(lanes, lanes) > lanes);
            Assert.Equal(6 * lanes, ConvolutionShape.ColumnsOf(6 * lanes, lanes));
        }
    }

    // Without one a plan may seem to read weights for nothing: that of weights hides behind that of operations where each is used often.
    [Fact]
    public void Of_every_kind_of_direct_convolution_a_part_is_measured_in_which_a_weight_is_used_by_one_vector()
    {
        foreach (IGrouping<LayerKind, LayerWork> kind in SampleLayers.All.Where(work => work.Layer is Convolution && !work.IsWinograd).GroupBy(work => LayerKinds.KindOf(work.Layer)))
        {
            Assert.Contains(kind, work => work.Region.Rows.Length * work.Region.Columns.Length <= Lanes && work.WeightCount > 256 * 1024);
        }
    }

    // Without one a call is found to cost nothing, and a plan of many small steps seems faster than it is.
    [Fact]
    public void Of_every_kind_of_kernel_a_part_is_measured_of_which_the_call_is_a_good_share()
    {
        foreach (IGrouping<LayerKind, LayerWork> kind in SampleLayers.All.Where(work => !work.IsWinograd).GroupBy(work => LayerKinds.KindOf(work.Layer)))
        {
            Assert.Contains(kind, work => s_costs.SecondsPerCall / s_costs.Seconds(work, Lanes) > 0.05);
        }
    }

    [Fact]
    public void Nothing_to_compute_takes_no_time()
    {
        LayerWork work = s_convolutions[0];
        Assert.Equal(0, s_costs.Seconds(work with { Channels = default }, Lanes));
        Assert.Equal(0, s_costs.Seconds(work with { Region = Region.Empty }, Lanes));
        LayerWork winograd = SampleLayers.All.First(sample => sample.IsWinograd);
        Assert.All((LayerWork[])[winograd with { Channels = default }, winograd with { Region = Region.Empty }], empty => Assert.Equal((0, 0), (empty.Gathered(Lanes), empty.WeightsRead)));
    }

    [Fact]
    public void Winograd_reads_its_filters_once_for_each_block_of_tiles_and_its_products_again_for_each_block_of_channels()
    {
        // One block: what is gathered are transformed inputs and outputs. Of many filters on many tiles all products do not fit at once beside all channels.
        LayerWork one = Winograd(64, 64, 16, 16);
        Assert.Equal(one.WeightCount, one.WeightsRead);
        Assert.Equal(36 * 16 * (64 + 64), one.Gathered(Lanes));
        LayerWork many = Winograd(171, 512, 28, 28);
        Assert.True(many.WeightsRead >= 2 * many.WeightCount);
        Assert.True(many.Gathered(Lanes) >= 36 * 64 * (171 + (3 * 512)));

        static LayerWork Winograd(int channels, int filters, int rows, int columns)
        {
            Layer layer = SampleLayers.All.First(work => work.IsWinograd).Layer with { InputShapes = [new(channels, rows, columns)], Output = new(filters, rows, columns) };
            return new(layer, Region.Whole(layer.Output), Interval.All(channels), ConvolutionAlgorithm.Winograd);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_smaller_workspace_takes_longer_in_the_simulation_by_what_its_kernels_take_longer(bool calibrated)
    {
        Network network = ModelFile.Open(Repository.PathOf("models", "vgg-16.cfg")).Network;
        Layer layer = network.Layers.First(layer => layer is Convolution { Filters: 512 });
        ClusterProfile cluster = calibrated ? Calibrated(1, 0) : ClusterProfile.Default(1);
        double[] seconds = [.. Enum.GetValues<Workspace>().Select(SecondsWith)];
        foreach (Workspace workspace in Enum.GetValues<Workspace>())
        {
            double cost = ((Convolution)layer).KernelShape(ConvolutionAlgorithm.Winograd, workspace).WorkspaceCost(Region.Whole(layer.Output), Interval.All(layer.InputShapes[0].Channels));
            Assert.Equal(cost, seconds[(int)workspace] / seconds[0], 1e-9);
        }

        Assert.True(seconds[1] > 1.2 * seconds[0]);

        double SecondsWith(Workspace workspace)
        {
            LayerPlan[] plan = [.. UniformPlan.Create(network, 1, UniformStrategy.Whole).Select(one => one.Index == layer.Index ? one with { Algorithm = ConvolutionAlgorithm.Winograd, Workspace = workspace } : one)];
            return Simulator.Run(network, Lowering.AllRanks(network, [.. plan], 1), cluster).Ranks[0].Where(step => step.Layer == layer.Index && step.Kind == SimulatedKind.Compute).Sum(step => step.Seconds);
        }
    }

    [Theory]
    [InlineData(ScheduleKind.Peers)]
    [InlineData(ScheduleKind.Star)]
    public void Ranks_are_late_once_after_each_computing_and_never_for_passing_on_what_they_received(ScheduleKind schedule)
    {
        const double Jitter = 0.008;
        Network network = ModelFile.Open(Repository.PathOf("models", "alexnet.cfg")).Network;
        ImmutableArray<LayerPlan> layers = UniformPlan.Create(network, 3, UniformStrategy.LayerOutput);
        RankProgram[] programs = Plan.Create(network, 3, "layer-output", schedule == ScheduleKind.Star ? StarPlan.Of(network, layers) : layers, schedule).ProgramsFor(network);
        SimulatedRun late = Simulator.Run(network, programs, Calibrated(3, Jitter));
        double longer = late.Seconds - Simulator.Run(network, programs, Calibrated(3, 0)).Seconds;
        double behind = Calibrated(3, Jitter).MeetingSeconds(0);
        int computed = late.Ranks.Max(steps => steps.Count(step => step is { Kind: SimulatedKind.Compute, Seconds: > 0 }));
        Assert.InRange(longer / behind, 5, computed + 0.01);
    }

    private static ClusterProfile Calibrated(int ranks, double jitterSeconds) => ClusterProfile.Uniform("test", ranks, Calibration.Host(new()
    {
        Name = "host",
        VectorFloats = Lanes,
        Samples = [.. SampleLayers.All.Select(work => (work, s_costs.Seconds(work, Lanes)))],
        MemoryBytes = 1 << 30,
        LinkBytesPerSecond = 1e6,
        LatencySeconds = 1e-4,
        JitterSeconds = jitterSeconds,
        CopySecondsPerByte = 1e-9,
    }));
}
