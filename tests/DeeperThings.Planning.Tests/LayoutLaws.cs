using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Planning.Layout;
using DeeperThings.TestSupport;

namespace DeeperThings.Planning.Tests;

public sealed class LayoutLaws
{
    private const int BruteForceCases = 500;
    private const long MostCombinations = 3000;

    [Fact]
    public void The_solver_finds_what_brute_force_over_all_combinations_finds()
    {
        int cases = 0;
        int limited = 0;
        int infeasible = 0;
        int dags = 0;
        int streamed = 0;
        int inStrips = 0;
        int withStandIns = 0;
        int parted = 0;
        for (int seed = 0; cases < BruteForceCases; seed++)
        {
            var random = new Random(seed);
            Network network = RandomNetwork.Create(seed, random.Next(1, 5));
            if (network.Layers.Length > 6)
            {
                continue;
            }

            var objective = (Objective)(seed % 3);
            LayoutRequest request = new() { Network = network, Cluster = TestClusters.Random(random, random.Next(2, 4)), Objective = objective, Keep = Some(random), Workers = 1 };
            (LayoutProblem problem, MemoryModel memory) = LayoutFormulation.Tables(request);
            if (BruteForce.Combinations(problem) > MostCombinations)
            {
                continue;
            }

            cases++;
            streamed += problem.Candidates.Any(candidates => candidates.Any(candidate => candidate.Plan.Streams)) ? 1 : 0;
            dags += problem.Edges.Any(edge => !edge.Earlier.IsEmpty) ? 1 : 0;
            List<LayoutCost> all = [.. BruteForce.AllChoices(problem).Select(choice => LayoutCost.Of(problem, memory, choice)).OfType<LayoutCost>()];
            long[] limits = BruteForce.Limits(all, random, request.Ranks);
            limited += limits[0] < IntegerProgram.Infinity ? 1 : 0;
            List<(long, long, long)> feasible = [.. all.Where(cost => cost.FootprintBytes.Zip(limits).All(pair => pair.First <= pair.Second)).Select(cost => BruteForce.Key(cost, objective))];

            var layout = new LayoutProgram(problem, memory, limits);
            var solver = new ProgramSolver(layout, 60, 1, mostForExact: seed % 4 == 0 ? ProgramSolver.MostForExact : 0);
            withStandIns += layout.StandIns([objective]).Count > 0 ? 1 : 0;
            StageAnswer? answer = LayoutFormulation.SolveStages(layout, solver, objective, out StageAnswer? first);
            parted += solver.Parts > 0 ? 1 : 0;
            if (feasible.Count == 0)
            {
                infeasible++;
                Assert.Null(answer);
                continue;
            }

            Assert.NotNull(answer);
            Assert.True(first!.IsProven);
            LayoutCost found = LayoutCost.Of(problem, memory, answer.Choice)!;
            Assert.Equal(BruteForce.Key(found, objective).First, first.Objective);
            inStrips += problem.LayersOf(answer.Choice).Any(plan => plan.StripRows > 0) ? 1 : 0;
            Assert.True(feasible.Min() == BruteForce.Key(found, objective), $"seed {seed} {objective}: brute force {feasible.Min()}, solver {BruteForce.Key(found, objective)}, claimed {first.Objective}");
        }

        Assert.True(limited > 150, $"{limited} limited");
        Assert.True(infeasible > 10, $"{infeasible} infeasible");
        Assert.True(dags > 50, $"{dags} maps with several consumers");
        Assert.True(streamed > 40, $"{streamed} with streamed stacks to choose");
        Assert.True(inStrips > 10, $"{inStrips} plans with strips");
        Assert.True(withStandIns > 50, $"{withStandIns} with candidates that others can stand for");
        Assert.True(parted > 15, $"{parted} whose plans were parted");
    }

    [Fact]
    public void The_model_counts_the_bytes_that_the_lowered_programs_send_and_comes_close_to_their_footprint()
    {
        double worst = 0;
        double total = 0;
        int count = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            Network network = RandomNetwork.Create(seed, random.Next(1, 9));
            (LayoutProblem problem, MemoryModel memory) = LayoutFormulation.Tables(new() { Network = network, Cluster = TestClusters.Random(random, random.Next(1, 5)) });
            int[] choice = [.. problem.Candidates.Select(candidates => candidates.Length == 0 ? 0 : random.Next(candidates.Length))];
            if (LayoutCost.Of(problem, memory, choice) is not { } cost)
            {
                continue;
            }

            PlanCounts counts = PlanCounts.Of(Lowering.AllRanks(network, problem.LayersOf(choice), problem.Ranks));
            Assert.Equal(counts.BytesSent.Sum(), cost.Bytes);
            foreach (int rank in Enumerable.Range(0, problem.Ranks).Where(rank => counts.FootprintBytes[rank] > 0))
            {
                double error = Math.Abs(counts.FootprintBytes[rank] - cost.FootprintBytes[rank]) / (double)counts.FootprintBytes[rank];
                worst = Math.Max(worst, error);
                total += error;
                count++;
            }
        }

        Assert.True(total / count < 0.03, $"mean {total / count:P2}, worst {worst:P2} of {count}");
    }

    [Fact]
    public void Every_plan_executes_and_gives_the_single_rank_output_with_the_bytes_and_footprint_planned()
    {
        for (int seed = 0; seed < 90; seed++)
        {
            var random = new Random(seed);
            Network network = RandomNetwork.Create(seed, random.Next(2, 10));
            ClusterProfile cluster = TestClusters.Random(random, random.Next(1, 6));
            LayoutRequest request = new() { Network = network, Cluster = cluster, Objective = (Objective)(seed % 3), Workers = 1, Keep = cluster.Hosts.Length == 1 ? null : NotOnlyRoot(network) };
            LayoutResult free = LayoutFormulation.Solve(request);
            Assert.Equal(free.Bytes, free.Plan.Counts.BytesSent.Sum());
            Execution.Check(network, free.Plan, seed);
            long limit = (long)(free.Plan.Counts.FootprintBytes.Max() * 0.8);
            try
            {
                LayoutResult limited = LayoutFormulation.Solve(request with { FootprintLimitBytes = limit });
                Assert.True(limited.Plan.Counts.FootprintBytes.Max() <= limit);
                Execution.Check(network, limited.Plan, seed);
            }
            catch (InfeasiblePlanException e)
            {
                Assert.True(e.BytesLacking > 0);
            }
        }
    }

    [Fact]
    public void A_device_twice_as_fast_gets_about_twice_the_rows_and_channels()
    {
        Network network = Chain(96, 96, 4, 3);
        ClusterProfile cluster = TestClusters.Of(TestClusters.Host(2, 1e3), TestClusters.Host(1, 1e3), TestClusters.Host(1, 1e3), TestClusters.Host(1, 1e3));
        foreach (Func<LayerPlan, bool> keep in (Func<LayerPlan, bool>[])[plan => plan.Strategy == Strategy.Tiled && plan.Output is Tiles { Columns.Count: 1 }, plan => plan.Output is Shards && plan.Strategy == Strategy.LayerOutput])
        {
            LayoutResult result = LayoutFormulation.Solve(new() { Network = network, Cluster = cluster, Keep = keep });
            long[] flops = [.. result.Plan.Counts.Flops];
            for (int rank = 1; rank < 4; rank++)
            {
                Assert.InRange(flops[0] / (double)flops[rank], 1.8, 2.2);
            }
        }
    }

    [Fact]
    public void A_device_with_half_the_memory_stays_under_its_limit()
    {
        Network network = ModelFile.Open(Repository.PathOf("models", "alexnet.cfg")).Network;
        ClusterProfile equal = ClusterProfile.Default(4);
        long free = LayoutFormulation.Solve(new() { Network = network, Cluster = equal, Objective = Objective.Footprint }).Plan.Counts.FootprintBytes.Max();
        long memory = free * 6 / 5;
        ClusterProfile uneven = equal with { Hosts = [.. equal.Hosts.Select((host, rank) => host with { MemoryBytes = rank == 2 ? memory / 2 : memory })] };
        LayoutResult result = LayoutFormulation.Solve(new() { Network = network, Cluster = uneven });
        for (int rank = 0; rank < 4; rank++)
        {
            Assert.True(result.Plan.Counts.FootprintBytes[rank] <= uneven.Hosts[rank].MemoryBytes);
        }
    }

    [Fact]
    public void An_infeasible_limit_is_reported_with_the_smallest_feasible_one()
    {
        Network network = ModelFile.Open(Repository.PathOf("models", "alexnet.cfg")).Network;
        LayoutRequest request = new() { Network = network, Cluster = ClusterProfile.Default(4), FootprintLimitBytes = 10_000_000 };
        InfeasiblePlanException error = Assert.Throws<InfeasiblePlanException>(() => LayoutFormulation.Solve(request));
        Assert.Equal(error.SmallestFeasibleLimitBytes - error.LimitBytes, error.BytesLacking);
        Assert.Contains($"rank {error.Rank} lacks {error.BytesLacking:N0} bytes at layer {error.Layer}", error.Message, StringComparison.Ordinal);
        LayoutResult smallest = LayoutFormulation.Solve(request with { FootprintLimitBytes = error.SmallestFeasibleLimitBytes });
        Assert.True(smallest.Plan.Counts.FootprintBytes.Max() <= error.SmallestFeasibleLimitBytes);
        LayoutResult least = LayoutFormulation.Solve(request with { FootprintLimitBytes = null, Objective = Objective.Footprint });
        Assert.True(least.Plan.Counts.FootprintBytes.Max() >= 0.999 * error.SmallestFeasibleLimitBytes);
    }

    [Fact]
    public void The_front_falls_in_seconds_as_the_limit_rises_and_every_point_keeps_to_its_limit()
    {
        Network network = ModelFile.Open(Repository.PathOf("models", "alexnet.cfg")).Network;
        LayoutRequest request = new() { Network = network, Cluster = ClusterProfile.Default(6) };
        var front = LayoutFormulation.Pareto(request);
        Assert.True(front.Length >= 3);
        foreach ((ParetoPoint smaller, ParetoPoint larger) in front.Zip(front.Skip(1)))
        {
            Assert.True(smaller.LimitBytes < larger.LimitBytes && smaller.Seconds > larger.Seconds);
        }

        Assert.All(front, point => Assert.True(point.FootprintBytes <= point.LimitBytes));
        LayoutResult fastest = LayoutFormulation.Solve(request with { FootprintLimitBytes = front[0].LimitBytes });
        Assert.True(front[0].Seconds <= fastest.Seconds * (1 + 1e-9), $"{front[0].Seconds} s at the smallest footprint, {fastest.Seconds} s under it as a limit");
    }

    [Fact]
    public void The_best_alternative_of_a_layer_costs_what_the_plan_without_the_chosen_strategy_costs()
    {
        Network network = Chain(32, 16, 3, 3);
        LayoutRequest request = new() { Network = network, Cluster = TestClusters.Of([.. Enumerable.Repeat(TestClusters.Host(link: 5), 3)]), ExplainAlternatives = true };
        LayoutResult result = LayoutFormulation.Solve(request);
        foreach (LayerCost layer in result.Layers.Where(layer => layer.Alternative is not null))
        {
            LayerPlan chosen = result.Plan.Layers[layer.Index];
            LayoutResult without = LayoutFormulation.Solve(request with { Keep = plan => plan.Index != chosen.Index || !LayoutFormulation.IsSameStrategy(plan, chosen) });
            Assert.Equal(without.Seconds - result.Seconds, layer.Alternative!.Increase, 1e-8 + (1e-6 * result.Seconds));
        }
    }

    [Theory]
    [InlineData("yolov2.cfg", 6)]
    [InlineData("vgg-16.cfg", 5)]
    [InlineData("extraction.cfg", 8)]
    [InlineData("alexnet.cfg", 3)]
    public void A_paper_network_is_planned_to_a_proven_optimum_in_ten_seconds(string file, int ranks)
    {
        Network network = ModelFile.Open(Repository.PathOf("models", file)).Network;
        foreach (Objective objective in Enum.GetValues<Objective>())
        {
            LayoutResult result = LayoutFormulation.Solve(new() { Network = network, Cluster = ClusterProfile.Default(ranks), Objective = objective });
            Assert.True(result.IsOptimal && result.Gap == 0, $"{objective}: gap {result.Gap:P3}");
            Assert.True(result.Statistics.Seconds < 10, $"{objective}: {result.Statistics.Seconds:F1} s");
            Assert.Equal(result.Bytes, result.Plan.Counts.BytesSent.Sum());
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(56_000_000L)]
    public void Without_time_for_a_proof_there_is_a_plan_with_a_bound(long? limit)
    {
        Network network = ModelFile.Open(Repository.PathOf("models", "yolov2.cfg")).Network;
        foreach (Objective objective in Enum.GetValues<Objective>())
        {
            LayoutResult result = LayoutFormulation.Solve(
                new() { Network = network, Cluster = ClusterProfile.Default(6), Objective = objective, FootprintLimitBytes = limit, TimeLimitSeconds = 0.3 });
            Assert.True(result.Bound <= result.Value);
            Assert.True(result.IsOptimal == (result.Bound == result.Value));
            Assert.All(result.Plan.Counts.FootprintBytes, bytes => Assert.True(bytes <= (limit ?? long.MaxValue)));
        }
    }

    [Fact]
    public void The_proven_footprint_of_a_network_with_many_branches_is_that_of_the_chosen_candidates()
    {
        Network network = RandomNetwork.Create(7, 24);
        for (int ranks = 2; ranks <= 4; ranks++)
        {
            LayoutResult result = LayoutFormulation.Solve(new() { Network = network, Cluster = TestClusters.Of([.. Enumerable.Repeat(TestClusters.Host(), ranks)]), Objective = Objective.Footprint });
            Assert.Equal(result.ModelFootprintBytes, result.Value);
        }
    }

    /// <summary>A chain of 3×3 convolutions over a square map.</summary>
    internal static Network Chain(int size, int channels, int layers, int inputChannels)
    {
        var window = new Tensors.Window(3, 1, 1, 1, 1);
        var chain = new List<Layer>();
        for (int index = 0; index < layers; index++)
        {
            chain.Add(new Convolution
            {
                Index = index,
                Kind = "convolutional",
                Inputs = [index - 1],
                InputShapes = [new(index == 0 ? inputChannels : channels, size, size)],
                Output = new(channels, size, size),
                RowWindow = window,
                ColumnWindow = window,
                Activation = Tensors.Activation.Relu,
            });
        }

        return new("chain", new(inputChannels, size, size), [.. chain], "digest chain");
    }

    /// <summary>About three candidates per layer, one of which is always there, and some streamed stacks, for which their last layer decides.</summary>
    private static Func<LayerPlan, bool> Some(Random random) => plan => plan is { Strategy: Strategy.Whole, Output: OnRoot, StripRows: 0 } || plan.Streams || random.Next(4) == 0;

    /// <summary>Small networks are fastest on one rank; that would test nothing.</summary>
    private static Func<LayerPlan, bool> NotOnlyRoot(Network network) =>
        plan => plan is not { Strategy: Strategy.Whole, Output: OnRoot } || plan.Index % 3 == 0 || !network.Layers[plan.Index].SplitsOutputChannels || network.Layers[plan.Index].IsIdentity;
}
