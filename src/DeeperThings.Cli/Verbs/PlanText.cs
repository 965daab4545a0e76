using DeeperThings.Partitioning;
using Spectre.Console;

namespace DeeperThings.Cli.Verbs;

/// <summary>Plans for people.</summary>
internal static class PlanText
{
    /// <summary>A strategy with the paper's name.</summary>
    public static string Describe(Strategy strategy) => strategy switch
    {
        Strategy.Identity => string.Empty,
        Strategy.Tiled => "Tiled (FTP)",
        Strategy.LayerOutput => "LayerOutput (LOP)",
        Strategy.LayerInput => "LayerInput (LIP)",
        _ => $"{strategy}",
    };

    /// <summary>What was asked for.</summary>
    public static string Describe(string strategy, ScheduleKind schedule) => schedule == ScheduleKind.Star ? $"{strategy} as a star" : strategy;

    public static string Describe(Partition? partition) => partition switch
    {
        Everywhere => "every rank",
        OnRoot => "root",
        Shards shards => $"shards {Sizes(Lengths(shards.Channels))}",
        Tiles tiles => $"tiles {Sizes(Lengths(tiles.Rows))} x {Sizes(Lengths(tiles.Columns))}",
        OverlappingTiles tiles => $"overlapping tiles {Sizes(tiles.Rows.Parts.Select(part => part.Length))} x {Sizes(tiles.Columns.Parts.Select(part => part.Length))}",
        _ => string.Empty,
    };

    public static void Print(PlanSummary plan)
    {
        bool priced = plan.Layers.Any(layer => layer.ComputeSeconds is not null);
        string[] headers = [" #", "layer", "strategy", "output lies as", " bytes moved", " largest share", .. priced ? (string[])[" ms compute", " ms move", "best other way"] : []];
        Table layers = Output.Table(headers);
        foreach (LayerPlanSummary layer in plan.Layers)
        {
            List<string> cells = [$"{layer.Index}", layer.Name, Describe(layer.Strategy), layer.Output, $"{layer.BytesSent:N0}", layer.LargestShare == 0 ? string.Empty : $"{layer.LargestShare:P1}"];
            if (priced)
            {
                cells.AddRange([$"{layer.ComputeSeconds * 1e3:F1}", $"{layer.MoveSeconds * 1e3:F1}", layer.Alternative is { } other ? $"+{Increase(other.Increase, plan.Objective)} {other.Strategy}" : string.Empty]);
            }

            Output.AddRow(layers, cells);
        }

        Output.Out.Write(layers);
        PrintRanks(plan);
        Output.Line($"{plan.Model} on {plan.Ranks} ranks, {Describe(plan.Strategy, plan.Schedule)}: {plan.BytesTotal / 1e6:N2} MB moved per inference, largest footprint {plan.FootprintBytes.Max() / 1e6:N2} MB");
    }

    private static string Increase(double increase, string? objective) => objective == "latency" ? $"{increase * 1e3:F1} ms" : $"{increase:N0} bytes";

    private static void PrintRanks(PlanSummary plan)
    {
        Table ranks = Output.Table(" rank", " footprint bytes", " of these weights", " bytes sent", " bytes received", " messages", " GFLOP");
        for (int rank = 0; rank < plan.Ranks; rank++)
        {
            Output.AddRow(ranks, [$"{rank}", $"{plan.FootprintBytes[rank]:N0}", $"{plan.WeightsBytes[rank]:N0}", $"{plan.BytesSent[rank]:N0}", $"{plan.BytesReceived[rank]:N0}", $"{plan.Messages[rank]:N0}", $"{plan.Flops[rank] / 1e9:N2}"]);
        }

        Output.Out.Write(ranks);
    }

    private static IEnumerable<int> Lengths(Split split) => Enumerable.Range(0, split.Count).Select(part => split[part].Length);

    private static string Sizes(IEnumerable<int> sizes) =>
        string.Join(" ", sizes.GroupBy(size => size).OrderByDescending(group => group.Key).Select(group => group.Count() == 1 ? $"{group.Key}" : $"{group.Count()}*{group.Key}"));
}
