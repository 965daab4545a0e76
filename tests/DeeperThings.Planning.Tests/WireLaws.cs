using System.Collections.Immutable;
using DeeperThings.Clusters;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Planning.Layout;
using DeeperThings.Tensors;
using DeeperThings.TestSupport;

namespace DeeperThings.Planning.Tests;

/// <summary>With float16 allowed on the wire, each map is sent as is better.</summary>
public sealed class WireLaws
{
    private const double CopySecondsPerByte = 2e-8;

    [Fact]
    public void The_solver_finds_what_brute_force_with_every_choice_of_wires_finds_and_never_a_worse_plan_than_without()
    {
        int cases = 0;
        int mixed = 0;
        int better = 0;
        for (int seed = 0; cases < 150; seed++)
        {
            var random = new Random(seed);
            Network network = RandomNetwork.Create(seed, random.Next(1, 5));
            LayoutRequest exact = Request(network, WithCopies(TestClusters.Random(random, random.Next(2, 4))), (Objective)(seed % 3), seed, ElementType.Float32);
            LayoutRequest request = exact with { Wire = ElementType.Float16, Keep = Some(seed) };
            (LayoutProblem problem, MemoryModel memory) = LayoutFormulation.Tables(request);
            if (network.Layers.Length > 6 || BruteForce.Combinations(problem) > 3000)
            {
                continue;
            }

            cases++;
            List<LayoutCost> all = [.. BruteForce.AllChoices(problem).Select(choice => LayoutCost.Of(problem, memory, choice)).OfType<LayoutCost>()];
            long[] limits = BruteForce.Limits(all, random, request.Ranks);
            List<(long, long, long)> feasible = [.. all.Where(cost => cost.FootprintBytes.Zip(limits).All(pair => pair.First <= pair.Second)).Select(cost => BruteForce.Key(cost, request.Objective))];
            (LayoutCost? found, ImmutableArray<LayerPlan> plan) = Solved(problem, memory, limits);
            (LayoutProblem exactProblem, MemoryModel exactMemory) = LayoutFormulation.Tables(exact);
            (LayoutCost? without, _) = Solved(exactProblem, exactMemory, limits);
            Assert.Equal(feasible.Count == 0, found is null);
            Assert.True(found is not null || without is null);
            if (found is null)
            {
                continue;
            }

            var key = BruteForce.Key(found, request.Objective);
            Assert.True(feasible.Min() == key, $"seed {seed} {request.Objective}: brute force {feasible.Min()}, solver {key}");
            Assert.Equal(PlanCounts.Of(Lowering.AllRanks(network, plan, request.Ranks)).BytesSent.Sum(), found.Bytes);
            if (without is not null)
            {
                long exactly = BruteForce.Key(without, request.Objective).First;
                Assert.True(key.First <= exactly, $"seed {seed} {request.Objective}: {key.First} with float16, {exactly} without");
                better += key.First < exactly ? 1 : 0;
            }

            HashSet<ElementType> wires = [.. MovedMaps(network, plan, request.Ranks).Where(map => !network.Outputs.Contains(map)).Select(map => plan[map].Wire)];
            mixed += wires.Count == 2 ? 1 : 0;
        }

        Assert.True(better > 10, $"{better} plans are better with float16");
        Assert.True(mixed > 0, $"{mixed} plans send some maps as float16 and others as float32");
    }

    [Fact]
    public void The_wires_of_a_plan_are_the_best_of_all_that_the_lowered_programs_could_have()
    {
        int cases = 0;
        int halved = 0;
        for (int seed = 0; cases < 40; seed++)
        {
            var random = new Random(seed);
            Network network = RandomNetwork.Create(seed, random.Next(1, 4));
            var objective = (Objective)(seed % 2);
            LayoutRequest request = Request(network, WithCopies(TestClusters.Random(random, random.Next(2, 4))), objective, seed, ElementType.Float32);
            request = request with { Keep = WithoutStrips(network, seed) };
            (LayoutProblem exact, MemoryModel exactMemory) = LayoutFormulation.Tables(request);
            if (network.Layers.Length > 5 || BruteForce.Combinations(exact) > 200)
            {
                continue;
            }

            cases++;
            (LayoutProblem problem, MemoryModel memory) = LayoutFormulation.Tables(request with { Wire = ElementType.Float16, Keep = WithoutStrips(network, seed) });
            (LayoutCost? found, ImmutableArray<LayerPlan> plan) = Solved(problem, memory, [.. Enumerable.Repeat(IntegerProgram.Infinity, request.Ranks)]);
            long best = BruteForce.AllChoices(exact).Where(choice => LayoutCost.Of(exact, exactMemory, choice) is not null).SelectMany(choice => AllWires(network, exact.LayersOf(choice), request.Ranks)).Min(layers => Value(network, layers, request.Cluster, objective));
            Assert.Equal(best, BruteForce.Key(found!, objective).First);
            Assert.Equal(best, Value(network, plan, request.Cluster, objective));
            halved += plan.Any(layer => layer.Wire == ElementType.Float16) ? 1 : 0;
        }

        Assert.True(halved > 5, $"{halved} plans send something as float16");
    }

    [Theory]
    [InlineData(1e12, false)]
    [InlineData(1e3, true)]
    public void Every_map_is_sent_as_float16_over_slow_links_and_none_where_only_copying_takes_time(double linkBytesPerSecond, bool isSlow)
    {
        int maps = 0;
        for (int seed = 0; seed < 30; seed++)
        {
            Network network = RandomNetwork.Create(seed, 4);
            ClusterProfile cluster = TestClusters.Of([.. Enumerable.Repeat(TestClusters.Host(latencySeconds: 0) with { LinkBytesPerSecond = linkBytesPerSecond, CopySecondsPerByte = CopySecondsPerByte }, 3)]);
            LayoutRequest request = new() { Network = network, Cluster = cluster, Workers = 1, Wire = ElementType.Float16, Keep = NotOnRoot(network) };
            LayoutResult result = LayoutFormulation.Solve(request);
            Execution.Check(network, result.Plan, seed);
            foreach (int map in MovedMaps(network, result.Plan.Layers, request.Ranks).Where(map => !network.Outputs.Contains(map)))
            {
                maps++;
                Assert.Equal(isSlow ? ElementType.Float16 : ElementType.Float32, result.Plan.Layers[map].Wire);
            }
        }

        Assert.True(maps > 20, $"{maps} maps move");
    }

    private static LayoutRequest Request(Network network, ClusterProfile cluster, Objective objective, int seed, ElementType wire) =>
        new() { Network = network, Cluster = cluster, Objective = objective, Keep = Some(seed), Workers = 1, Wire = wire };

    private static ClusterProfile WithCopies(ClusterProfile cluster) => cluster with { Hosts = [.. cluster.Hosts.Select(host => host with { CopySecondsPerByte = CopySecondsPerByte })] };

    private static Func<LayerPlan, bool> Some(int seed)
    {
        var random = new Random(seed);
        return plan => random.Next(5) == 0 || plan is { Strategy: Strategy.Whole, Output: OnRoot, StripRows: 0 };
    }

    /// <summary>Small networks are best on one rank, where nothing moves.</summary>
    private static Func<LayerPlan, bool> WithoutStrips(Network network, int seed)
    {
        var random = new Random(seed);
        return plan => plan.StripRows == 0 && !plan.Streams
            && (random.Next(4) == 0 || plan.Strategy is Strategy.LayerOutput or Strategy.Channelwise || (plan.Strategy == Strategy.Whole && !network.Layers[plan.Index].SplitsOutputChannels));
    }

    private static Func<LayerPlan, bool> NotOnRoot(Network network) => plan => plan is not { Strategy: Strategy.Whole } || !network.Layers[plan.Index].SplitsOutputChannels;

    private static (LayoutCost? Cost, ImmutableArray<LayerPlan> Plan) Solved(LayoutProblem problem, MemoryModel memory, long[] limits)
    {
        var layout = new LayoutProgram(problem, memory, limits);
        StageAnswer? answer = LayoutFormulation.SolveStages(layout, new ProgramSolver(layout, 60, 1), problem.Request.Objective, out _);
        return answer is null ? (null, []) : (LayoutCost.Of(problem, memory, answer.Choice), problem.LayersOf(answer.Choice));
    }

    /// <summary>The layers of which something moves in messages of more than one value.</summary>
    private static IEnumerable<int> MovedMaps(Network network, ImmutableArray<LayerPlan> layers, int ranks) => Lowering.AllRanks(network, layers, ranks)
        .SelectMany(program => program.Steps.OfType<RedistributeStep>())
        .Where(step => step.Layer != Network.Input && step.Sends.Any(message => message.Count > 1))
        .Select(step => step.Layer)
        .Distinct();

    /// <summary>The same layers with every choice of wires.</summary>
    private static IEnumerable<ImmutableArray<LayerPlan>> AllWires(Network network, ImmutableArray<LayerPlan> layers, int ranks)
    {
        int[] maps = [.. MovedMaps(network, layers, ranks).Where(map => !network.Outputs.Contains(map))];
        for (int choice = 0; choice < 1 << maps.Length; choice++)
        {
            yield return [.. layers.Select(plan => Array.IndexOf(maps, plan.Index) is >= 0 and int map && (choice >> map & 1) == 1 ? plan with { Wire = ElementType.Float16 } : plan)];
        }
    }

    /// <summary>The objective, from the messages of the lowered programs.</summary>
    private static long Value(Network network, ImmutableArray<LayerPlan> layers, ClusterProfile cluster, Objective objective)
    {
        int ranks = cluster.Hosts.Length;
        RankProgram[] programs = Lowering.AllRanks(network, layers, ranks);
        if (objective == Objective.Communication)
        {
            return programs.Sum(program => program.BytesSent);
        }

        long computed = layers.Where(plan => plan.Strategy != Strategy.Identity).Sum(plan => new Candidate(network.Layers[plan.Index], plan, ranks, cluster, new RegionSets()).Nanoseconds);
        var exchanges = programs.SelectMany((program, rank) => program.Steps.OfType<RedistributeStep>().Select(step => (Rank: rank, Step: step))).GroupBy(part => part.Step.Tag);
        return computed + exchanges.Sum(exchange => WholeNanoseconds.Of(exchange.Max(part => Seconds(part.Rank, part.Step))));

        double Seconds(int rank, RedistributeStep step) => cluster.TransferSeconds(
            rank,
            step.Sends.Sum(message => message.Bytes),
            step.Receives.Sum(message => message.Bytes),
            Math.Max(step.Sends.Length, step.Receives.Length),
            step.Sends.Concat(step.Receives).Where(message => message.Staging is not null).Sum(message => message.Count * sizeof(float)) + step.Local.Bytes);
    }
}
