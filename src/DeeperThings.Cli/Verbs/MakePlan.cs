using DeeperThings.Cli.Options;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using Spectre.Console;

namespace DeeperThings.Cli.Verbs;

/// <summary>One layer of a plan; bytes are those of its output on their way between ranks, partial sums included.</summary>
internal sealed record LayerPlanSummary(int Index, string Name, Strategy Strategy, string Output, long BytesSent, double FlopShare);

internal sealed record PlanSummary(
    string Model,
    int Ranks,
    string Strategy,
    string? Objective,
    string? Formulation,
    bool Optimal,
    double? Bound,
    double? Seconds,
    long BytesTotal,
    IReadOnlyList<long> BytesSent,
    IReadOnlyList<long> BytesReceived,
    IReadOnlyList<int> Messages,
    IReadOnlyList<long> FootprintBytes,
    IReadOnlyList<long> WeightsBytes,
    IReadOnlyList<long> Flops,
    IReadOnlyList<LayerPlanSummary> Layers);

/// <summary><c>deeperthings plan</c></summary>
internal static class MakePlan
{
    public static int Run(PlanOptions options)
    {
        if (options.Ranks is < 1 or > Plan.MostRanks)
        {
            throw new UsageException($"--ranks {options.Ranks}: allowed are 1 to {Plan.MostRanks}");
        }

        UniformStrategy strategy = options.ParseStrategy();
        ModelFile model = ModelFile.Open(options.Model, options.Weights);
        Plan plan = Plan.Create(model.Network, WeightsDigest(model), options.Ranks, options.Strategy, UniformPlan.Create(model.Network, options.Ranks, strategy));
        bool toFile = options.Output != "-";
        if (toFile)
        {
            PlanFile.Write(plan, options.Output);
        }

        if (options.Json)
        {
            Output.Json(Summarise(model.Network, plan), CliJson.Default.PlanSummary);
        }
        else if (toFile)
        {
            Print(Summarise(model.Network, plan));
            Output.Line($"written to {options.Output}");
        }
        else
        {
            Output.Line(PlanFile.ToJson(plan));
        }

        return ExitCode.Done;
    }

    private static string? WeightsDigest(ModelFile model)
    {
        if (!model.HasWeights)
        {
            return null;
        }

        using IWeightSource weights = model.OpenWeights();
        return weights.Digest;
    }

    private static PlanSummary Summarise(Network network, Plan plan)
    {
        RankProgram[] programs = Lowering.AllRanks(network, plan.Layers, plan.Ranks);
        return new(
            plan.Model,
            plan.Ranks,
            plan.Strategy,
            null,
            null,
            false,
            null,
            null,
            plan.Counts.BytesSent.Sum(),
            plan.Counts.BytesSent,
            plan.Counts.BytesReceived,
            plan.Counts.Messages,
            plan.Counts.FootprintBytes,
            plan.Counts.WeightsBytes,
            plan.Counts.Flops,
            [.. plan.Layers.Select(layer => new LayerPlanSummary(
                layer.Index,
                layer.Name,
                layer.Strategy,
                Describe(layer.Output),
                programs.Sum(program => program.BytesSentOf(layer.Index)),
                LargestShare(network.Layers[layer.Index], layer, plan.Ranks)))]);
    }

    /// <summary>The largest part of the layer's operations that one rank does.</summary>
    private static double LargestShare(Layer layer, LayerPlan plan, int ranks)
    {
        if (layer.TotalFlops == 0 || plan.Strategy == Strategy.Identity)
        {
            return 0;
        }

        var geometry = new LayerGeometry(layer, plan, ranks);
        return Enumerable.Range(0, ranks).Max(geometry.Flops) / (double)layer.TotalFlops;
    }

    private static string Describe(Partition? partition) => partition switch
    {
        Everywhere => "every rank",
        OnRoot => "root",
        Shards shards => $"shards {Sizes(shards.Channels)}",
        Tiles tiles => $"tiles {Sizes(tiles.Rows)} x {Sizes(tiles.Columns)}",
        _ => string.Empty,
    };

    private static string Sizes(Split split)
    {
        int[] sizes = [.. Enumerable.Range(0, split.Count).Select(part => split[part].Length)];
        return string.Join(" ", sizes.GroupBy(size => size).OrderByDescending(group => group.Key).Select(group => group.Count() == 1 ? $"{group.Key}" : $"{group.Count()}*{group.Key}"));
    }

    private static void Print(PlanSummary plan)
    {
        Table layers = Output.Table(" #", "layer", "strategy", "output lies as", " bytes moved", " largest share of work");
        foreach (LayerPlanSummary layer in plan.Layers)
        {
            Output.AddRow(layers, [$"{layer.Index}", layer.Name, $"{layer.Strategy}", layer.Output, $"{layer.BytesSent:N0}", layer.FlopShare == 0 ? string.Empty : $"{layer.FlopShare:P1}"]);
        }

        Output.Out.Write(layers);
        Table ranks = Output.Table(" rank", " footprint bytes", " of these weights", " bytes sent", " bytes received", " messages", " GFLOP");
        for (int rank = 0; rank < plan.Ranks; rank++)
        {
            Output.AddRow(ranks, [$"{rank}", $"{plan.FootprintBytes[rank]:N0}", $"{plan.WeightsBytes[rank]:N0}", $"{plan.BytesSent[rank]:N0}", $"{plan.BytesReceived[rank]:N0}", $"{plan.Messages[rank]:N0}", $"{plan.Flops[rank] / 1e9:N2}"]);
        }

        Output.Out.Write(ranks);
        Output.Line($"{plan.Model} on {plan.Ranks} ranks, {plan.Strategy}: {plan.BytesTotal / 1e6:N2} MB moved per inference, largest footprint {plan.FootprintBytes.Max() / 1e6:N2} MB");
    }
}
