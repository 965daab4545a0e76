using DeeperThings.Cli.Options;
using DeeperThings.Ranks;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Planning.Simulation;
using Spectre.Console;

namespace DeeperThings.Cli.Verbs;

/// <summary>One step of a layer over all ranks that take part in it: from the first begin to the last end.</summary>
internal sealed record SimulatedStepSummary(int Layer, string Name, SimulatedKind Kind, double StartSeconds, double EndSeconds, double LongestSeconds, double LongestWaitSeconds, long Bytes);

internal sealed record SimulatedRankSummary(int Rank, string Host, double ComputeSeconds, double CommunicateSeconds, double WaitSeconds);

internal sealed record SimulationSummary(string Model, string Cluster, double Seconds, IReadOnlyList<SimulatedRankSummary> Ranks, IReadOnlyList<SimulatedStepSummary> Steps);

/// <summary><c>deeperthings simulate</c></summary>
internal static class SimulatePlan
{
    public static int Run(SimulateOptions options)
    {
        Network network = ModelFile.Open(options.Model, options.Weights).Network;
        Plan plan = PlanFile.Read(options.Plan);
        plan.Validate(network);
        ClusterProfile cluster = ClusterProfile.Load(options.Cluster).ForRanks(plan.Ranks);
        SimulatedRun run = Simulator.Run(network, plan, cluster);
        if (options.Trace is not null)
        {
            TraceFile.Write(EventsOf(network, plan, cluster, run), options.Trace);
        }

        SimulationSummary summary = Summarise(network, cluster, run);
        if (options.Json)
        {
            Output.Json(summary, CliJson.Default.SimulationSummary);
        }
        else
        {
            Print(summary);
        }

        return ExitCode.Done;
    }

    /// <summary>The prediction in the form of a measured timeline; each rank's simulated steps are its program's, in order.</summary>
    public static IReadOnlyList<TraceEvent> EventsOf(Network network, Plan plan, ClusterProfile cluster, SimulatedRun run)
    {
        RankProgram[] programs = plan.ProgramsFor(network);
        return
        [
            .. programs.Select(program => TraceFile.NameOf(program.Rank, $"{cluster.Hosts[program.Rank].Name}, predicted")),
            .. programs.SelectMany(program => run.Ranks[program.Rank].Select((step, index) => TraceFile.EventOf(network, program, index, step.StartSeconds * 1e6, step.Seconds * 1e6))),
        ];
    }

    private static SimulationSummary Summarise(Network network, ClusterProfile cluster, SimulatedRun run) => new(
        network.Name,
        cluster.Name,
        run.Seconds,
        [.. Enumerable.Range(0, run.Ranks.Length).Select(rank => new SimulatedRankSummary(rank, cluster.Hosts[rank].Name, run.ComputeSeconds(rank), run.CommunicateSeconds(rank), run.WaitSeconds(rank)))],
        [.. run.Ranks.SelectMany(steps => steps).GroupBy(step => (step.Layer, step.Kind)).Select(steps => new SimulatedStepSummary(
            steps.Key.Layer,
            NameOf(network, steps.Key.Layer),
            steps.Key.Kind,
            steps.Min(step => step.StartSeconds),
            steps.Max(step => step.EndSeconds),
            steps.Max(step => step.Seconds),
            steps.Max(step => step.WaitSeconds),
            steps.Sum(step => step.BytesSent))).OrderBy(step => step.StartSeconds).ThenBy(step => step.Layer)]);

    private static string NameOf(Network network, int layer) => layer == Network.Input ? "input" : network.Layers[layer].Name;

    private static void Print(SimulationSummary summary)
    {
        Table steps = Output.Table("layer", "step", " from ms", " to ms", " longest ms", " longest wait ms", " bytes");
        foreach (SimulatedStepSummary step in summary.Steps)
        {
            Output.AddRow(steps, [step.Name, $"{step.Kind}", $"{step.StartSeconds * 1e3:F1}", $"{step.EndSeconds * 1e3:F1}", $"{step.LongestSeconds * 1e3:F1}", $"{step.LongestWaitSeconds * 1e3:F1}", $"{step.Bytes:N0}"]);
        }

        Output.Out.Write(steps);
        Table ranks = Output.Table(" rank", "host", " s compute", " s communicate", " s wait");
        foreach (SimulatedRankSummary rank in summary.Ranks)
        {
            Output.AddRow(ranks, [$"{rank.Rank}", rank.Host, $"{rank.ComputeSeconds:F3}", $"{rank.CommunicateSeconds:F3}", $"{rank.WaitSeconds:F3}"]);
        }

        Output.Out.Write(ranks);
        Output.Line($"{summary.Model} on {summary.Ranks.Count} ranks of {summary.Cluster}: {summary.Seconds:F3} s predicted");
    }
}
