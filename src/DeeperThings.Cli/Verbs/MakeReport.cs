using System.Text.Json;
using DeeperThings.Cli.Options;
using DeeperThings.Cli.Pages;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Planning.Simulation;
using DeeperThings.Vision;

namespace DeeperThings.Cli.Verbs;

/// <summary>What <c>report --json</c> prints.</summary>
internal sealed record ReportSummary(string Path, long Bytes);

/// <summary><c>deeperthings report</c></summary>
internal static class MakeReport
{
    private const string RunFile = "run.json";

    public static int Run(ReportOptions options)
    {
        Network network = ModelFile.Open(options.Model, options.Weights).Network;
        Plan plan = PlanFile.Read(options.Plan);
        plan.Validate(network);
        (RunReport? run, IReadOnlyList<ReportPicture> pictures) = options.Run is null ? (null, []) : ReadRun(options.Run, plan);
        var contents = new ReportContents
        {
            Network = network,
            Plan = plan,
            Cluster = options.Cluster is null ? null : ClusterProfile.Load(options.Cluster).ForRanks(plan.Ranks),
            Predicted = options.Cluster is null ? [] : Predict(network, plan, ClusterProfile.Load(options.Cluster).ForRanks(plan.Ranks)),
            Measured = options.Trace is null ? [] : ReadTrace(options.Trace, plan),
            Run = run,
            Pictures = pictures,
        };
        AtomicFile.WriteText(options.Output, ReportPage.Of(contents));
        var summary = new ReportSummary(options.Output, new FileInfo(options.Output).Length);
        if (options.Json)
        {
            Output.Json(summary, CliJson.Default.ReportSummary);
        }
        else
        {
            Output.Line($"written to {summary.Path}");
        }

        return ExitCode.Done;
    }

    private static IReadOnlyList<TraceEvent> Predict(Network network, Plan plan, ClusterProfile cluster) =>
        SimulatePlan.EventsOf(network, plan, cluster, Simulator.Run(network, plan, cluster));

    private static IReadOnlyList<TraceEvent> ReadTrace(string path, Plan plan)
    {
        IReadOnlyList<TraceEvent> events = TraceFile.Read(path).TraceEvents;
        int ranks = events.Select(found => found.Pid).Distinct().Count();
        return ranks == plan.Ranks && events.All(found => found.Args is not null && found.Name is not null)
            ? events
            : throw new UsageException($"{path}: a timeline of {ranks} ranks; the plan has {plan.Ranks}: use the trace of a run of this plan");
    }

    private static (RunReport Run, IReadOnlyList<ReportPicture> Pictures) ReadRun(string path, Plan plan)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, RunFile) : path;
        RunReport run;
        try
        {
            run = JsonSerializer.Deserialize(File.ReadAllBytes(file), RankJson.Default.RunReport) ?? throw new UsageException($"{file}: no report of a run");
        }
        catch (JsonException e)
        {
            throw new UsageException($"{file}: no report of a run: {e.Message.ReplaceLineEndings(" ")}");
        }

        if (run.Ranks is null || run.Inputs is null || run.Ranks.Count != plan.Ranks)
        {
            throw new UsageException($"{file}: a run on {run.Ranks?.Count ?? 0} ranks; the plan has {plan.Ranks}: use a run of this plan");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        return (run, [.. run.Inputs.Select(input => ReportPicture.Read(folder, input))]);
    }
}
