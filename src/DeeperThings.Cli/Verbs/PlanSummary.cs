using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Planning.Layout;
using DeeperThings.Planning.Paper;
using DeeperThings.Tensors;

namespace DeeperThings.Cli.Verbs;

/// <summary>The best other way to run a layer, and by how much the objective grows with it at least (seconds or bytes).</summary>
internal sealed record AlternativeSummary(string Strategy, double Increase);

/// <summary>One layer of a plan; bytes are those of its output on their way between ranks, partial sums included.</summary>
internal sealed record LayerPlanSummary(
    int Index, string Name, Strategy Strategy, string Output, long BytesSent, double LargestShare, double? ComputeSeconds, double? MoveSeconds, AlternativeSummary? Alternative);

/// <summary>What <c>plan --json</c> prints.</summary>
internal sealed record PlanSummary
{
    public required string Model { get; init; }

    public required int Ranks { get; init; }

    public required string Strategy { get; init; }

    public required ScheduleKind Schedule { get; init; }

    public string? Objective { get; init; }

    public string? Formulation { get; init; }

    public bool Optimal { get; init; }

    public double? Bound { get; init; }

    /// <summary>Predicted seconds per inference.</summary>
    public double? Seconds { get; init; }

    /// <summary>Seconds that planning took.</summary>
    public double? SolveSeconds { get; init; }

    public int? Variables { get; init; }

    public int? Constraints { get; init; }

    public required long BytesTotal { get; init; }

    public required IReadOnlyList<long> BytesSent { get; init; }

    public required IReadOnlyList<long> BytesReceived { get; init; }

    public required IReadOnlyList<int> Messages { get; init; }

    public required IReadOnlyList<long> FootprintBytes { get; init; }

    public required IReadOnlyList<long> WeightsBytes { get; init; }

    public required IReadOnlyList<long> Flops { get; init; }

    public required IReadOnlyList<LayerPlanSummary> Layers { get; init; }

    public static PlanSummary Of(Network network, Plan plan, LayoutResult? result = null)
    {
        RankProgram[] programs = plan.ProgramsFor(network);
        ILookup<int, LayerCost> costs = (result?.Layers ?? []).ToLookup(cost => cost.Index);
        return new()
        {
            Model = plan.Model,
            Ranks = plan.Ranks,
            Strategy = plan.Strategy,
            Schedule = plan.Schedule,
            Objective = plan.Prediction?.Objective,
            Formulation = plan.Prediction?.Formulation,
            Optimal = plan.Prediction?.Optimal ?? false,
            Bound = plan.Prediction?.Bound,
            Seconds = plan.Prediction?.Seconds,
            SolveSeconds = result?.Statistics.Seconds,
            Variables = result?.Statistics.Variables,
            Constraints = result?.Statistics.Constraints,
            BytesTotal = plan.Counts.BytesSent.Sum(),
            BytesSent = plan.Counts.BytesSent,
            BytesReceived = plan.Counts.BytesReceived,
            Messages = plan.Counts.Messages,
            FootprintBytes = plan.Counts.FootprintBytes,
            WeightsBytes = plan.Counts.WeightsBytes,
            Flops = plan.Counts.Flops,
            Layers = [.. plan.Layers.Select(layer => Of(network.Layers[layer.Index], layer, plan.Ranks, programs, costs[layer.Index].FirstOrDefault()))],
        };
    }

    private static LayerPlanSummary Of(Layer layer, LayerPlan plan, int ranks, RankProgram[] programs, LayerCost? cost) => new(
        plan.Index,
        plan.Name,
        plan.Strategy,
        plan.Wire == ElementType.Float32 ? PlanText.Describe(plan.Output) : $"{PlanText.Describe(plan.Output)}, sent as float16",
        programs.Sum(program => program.BytesSentOf(plan.Index)),
        LargestShare(layer, plan, ranks),
        cost?.ComputeSeconds,
        cost?.MoveSeconds,
        cost?.Alternative is { } other ? new($"{other.Plan.Strategy} {PlanText.Describe(other.Plan.Output)}", other.Increase) : null);

    /// <summary>The largest part of the layer's operations that one rank does.</summary>
    private static double LargestShare(Layer layer, LayerPlan plan, int ranks)
    {
        if (layer.TotalFlops == 0 || plan.Strategy == Partitioning.Strategy.Identity)
        {
            return 0;
        }

        var geometry = new LayerGeometry(layer, plan, ranks);
        return Enumerable.Range(0, ranks).Max(geometry.Flops) / (double)layer.TotalFlops;
    }
}

/// <summary>What <c>plan --formulation paper --json</c> prints; the paper's footprint is one number, without halos, scratch and buffers.</summary>
internal sealed record PaperSummary
{
    public required string Model { get; init; }

    public required int Ranks { get; init; }

    public string Formulation { get; } = "paper";

    public required int BreakLayer { get; init; }

    public required long FootprintBytes { get; init; }

    public required PaperCommunicationSummary Communication { get; init; }

    /// <summary>The paper's optimum as it is executed.</summary>
    public required PlanSummary Executable { get; init; }
}

internal sealed record PaperLayerSummary(int Index, string Name, PaperStrategy Strategy);

internal sealed record PaperCommunicationSummary(int FirstLayer, long LayerOutputOnlyBytes, long OptimalBytes, IReadOnlyList<PaperLayerSummary> Layers);

/// <summary>One point of <c>plan --pareto</c>.</summary>
internal sealed record FrontPoint(long LimitBytes, long FootprintBytes, double Seconds, long BytesTotal, bool Optimal, double SolveSeconds);

internal sealed record FrontSummary(string Model, int Ranks, string Cluster, IReadOnlyList<FrontPoint> Points);
