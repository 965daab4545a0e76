using System.Collections.Immutable;
using DeeperThings.Cli.Options;
using DeeperThings.Cli.Pictures;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Planning.Layout;
using DeeperThings.Planning.Paper;
using DeeperThings.Planning.Simulation;
using Spectre.Console;

namespace DeeperThings.Cli.Verbs;

/// <summary><c>deeperthings plan</c></summary>
internal static class MakePlan
{
    public static int Run(PlanOptions options)
    {
        options.Validate();
        ModelFile model = ModelFile.Open(options.Model, options.Weights);
        if (model.HasWeights)
        {
            // Weights that are not the model's are refused before the planner sets to work.
            model.OpenWeights().Dispose();
        }

        ClusterProfile cluster = options.LoadCluster();
        if (options.Pareto)
        {
            PlanFront(model, cluster, options);
        }
        else if (options.Formulation == "paper")
        {
            PlanAsPaper(model, cluster, options);
        }
        else if (options.ParseStrategy() is { } strategy)
        {
            Network network = model.Network;
            ScheduleKind schedule = options.ParseSchedule();
            var layers = UniformPlan.Create(network, options.Ranks, strategy);
            Plan plan = Plan.Create(network, options.Ranks, options.Strategy, Stored(model, schedule == ScheduleKind.Star ? StarPlan.Of(network, layers) : layers, options), schedule);
            PlanSummary summary = PlanSummary.Of(network, plan) with { Seconds = Simulator.Run(network, plan, cluster).Seconds };
            Deliver(model, plan, summary, options);
        }
        else
        {
            PlanJointly(model, cluster, options);
        }

        return ExitCode.Done;
    }

    private static void PlanJointly(ModelFile model, ClusterProfile cluster, PlanOptions options)
    {
        LayoutResult result = LayoutFormulation.Solve(Request(model, cluster, options) with { ExplainAlternatives = true });
        Plan plan = result.Plan with { Prediction = new(cluster.Name, options.ObjectiveName, "layout", result.Seconds, result.Bound, result.IsOptimal) };
        Deliver(model, plan, PlanSummary.Of(model.Network, plan, result), options);
        if (!options.Json)
        {
            string proof = result.IsOptimal ? "proven optimal" : $"not proven optimal, at most {result.Gap:P1} from it";
            Say(options, $"{options.ObjectiveName}: {result.Seconds:F3} s predicted on {cluster.Name}, {proof}; solved in {result.Statistics.Seconds:F1} s, {result.Statistics.Variables:N0} variables, {result.Statistics.Constraints:N0} constraints");
        }
    }

    private static void PlanAsPaper(ModelFile model, ClusterProfile cluster, PlanOptions options)
    {
        Network network = model.Network;
        PaperResult paper = new PaperFormulation(network, options.Ranks).Solve(options.FirstLayer);
        Plan plan = Plan.Create(network, options.Ranks, "paper", Stored(model, PaperPlan.Create(network, paper, options.ParseSchedule()), options), options.ParseSchedule());
        var summary = new PaperSummary
        {
            Model = network.Name,
            Ranks = options.Ranks,
            BreakLayer = paper.BreakLayer,
            FootprintBytes = paper.FootprintBytes,
            Communication = new(
                paper.Communication.FirstLayer,
                paper.Communication.LayerOutputOnlyBytes,
                paper.Communication.OptimalBytes,
                [.. paper.Communication.Layers.Index().Select(layer => new PaperLayerSummary(layer.Index, network.Layers[layer.Index].Name, layer.Item))]),
            Executable = PlanSummary.Of(network, plan) with { Seconds = Simulator.Run(network, plan, cluster).Seconds, Formulation = "paper" },
        };
        if (options.Json)
        {
            WriteFiles(model, plan, options);
            Output.Json(summary, CliJson.Default.PaperSummary);
            return;
        }

        Deliver(model, plan, summary.Executable, options);
        Say(options, $"the paper's programs: break at layer {paper.BreakLayer}, footprint {paper.FootprintBytes / 1e6:F2} MB; from layer {paper.Communication.FirstLayer} through the data source {paper.Communication.OptimalBytes / 1e6:F2} MB, with LayerOutput alone {paper.Communication.LayerOutputOnlyBytes / 1e6:F2} MB");
    }

    private static void PlanFront(ModelFile model, ClusterProfile cluster, PlanOptions options)
    {
        var points = LayoutFormulation.Pareto(Request(model, cluster, options));
        var front = new FrontSummary(model.Network.Name, options.Ranks, cluster.Name, [.. points.Select(point =>
            new FrontPoint(point.LimitBytes, point.FootprintBytes, point.Seconds, point.Result.Bytes, point.Result.IsOptimal, point.Result.Statistics.Seconds))]);
        if (options.Picture is not null)
        {
            FrontPicture.Write(front, options.Picture);
        }

        if (options.Json)
        {
            Output.Json(front, CliJson.Default.FrontSummary);
            return;
        }

        Table table = Output.Table(" footprint bytes", " s predicted", " bytes moved", "proven optimal", " s to solve");
        foreach (FrontPoint point in front.Points)
        {
            Output.AddRow(table, [$"{point.FootprintBytes:N0}", $"{point.Seconds:F3}", $"{point.BytesTotal:N0}", point.Optimal ? "yes" : "no", $"{point.SolveSeconds:F1}"]);
        }

        Output.Out.Write(table);
        Output.Line($"{front.Model} on {front.Ranks} ranks of {front.Cluster}");
    }

    private static LayoutRequest Request(ModelFile model, ClusterProfile cluster, PlanOptions options) => new()
    {
        Network = model.Network,
        Cluster = cluster,
        Objective = options.ParseObjective(),
        FootprintLimitBytes = options.ParseFootprintLimit(),
        Weights = model.WeightType,
        Wire = options.ParseWire(),
        Workers = Environment.ProcessorCount,
    };

    private static void Deliver(ModelFile model, Plan plan, PlanSummary summary, PlanOptions options)
    {
        WriteFiles(model, plan, options);
        if (options.Json)
        {
            Output.Json(summary, CliJson.Default.PlanSummary);
        }
        else if (options.Output != "-")
        {
            PlanText.Print(summary);
            Output.Line($"written to {options.Output}");
        }
        else
        {
            Output.Line(PlanFile.ToJson(Sealed(model, plan)));
        }
    }

    private static void WriteFiles(ModelFile model, Plan plan, PlanOptions options)
    {
        if (options.Output != "-")
        {
            PlanFile.Write(Sealed(model, plan), options.Output);
        }

        if (options.Picture is not null)
        {
            PlanPicture.Write(model.Network, plan, options.Picture);
        }
    }

    /// <summary>A plan that is printed must stay alone on standard output.</summary>
    private static void Say(PlanOptions options, string text)
    {
        if (options.Output != "-")
        {
            Output.Line(text);
        }
    }

    private static ImmutableArray<LayerPlan> Stored(ModelFile model, ImmutableArray<LayerPlan> layers, PlanOptions options) =>
        UniformPlan.WithWire(model.Network, UniformPlan.WithWeights(model.Network, layers, model.WeightType), options.Ranks, options.ParseWire());

    /// <summary>The plan with the digests of the weights, where there are any.</summary>
    private static Plan Sealed(ModelFile model, Plan plan)
    {
        if (!model.HasWeights)
        {
            return plan;
        }

        using IWeightSource weights = model.OpenWeights();
        return plan.For(model.Network, weights);
    }
}
