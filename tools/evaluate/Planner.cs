using System.Text.Json;
using DeeperThings.Models;
using DeeperThings.Partitioning;

namespace DeeperThings.Evaluate;

/// <summary>Makes plans with the program of the repository; what does not depend on the cluster is made once.</summary>
/// <param name="tree">The repository.</param>
/// <param name="folder">For plans.</param>
internal sealed class Planner(SourceTree tree, string folder)
{
    private const int NoFeasiblePlan = 3;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    private readonly HashSet<string> _made = [];
    private readonly Dictionary<(string, int), long> _paperFootprints = [];

    /// <summary>Makes the plan of a run.</summary>
    /// <param name="run">For what.</param>
    /// <param name="profile">The cluster for which it is made.</param>
    /// <returns>Its path, and the largest footprint that it was allowed: where no plan fits the run's, the smallest that there is.</returns>
    /// <exception cref="ToolException">There is none.</exception>
    public (string Path, long? LimitBytes) Make(Run run, string profile)
    {
        string path = Path.Combine(folder, $"{run.Network}-{run.Ranks}-{run.Schedule.File}{(run.Schedule.IsJoint ? $"-{run.Rate}" : string.Empty)}.json");
        long? limit = run.Schedule.HasPaperLimit ? PaperFootprint(run.Network, run.Ranks) : run.Schedule.LimitBytes;
        string[] plan = ["plan", tree.ModelOf(run.Network), "--ranks", $"{run.Ranks}", "--cluster", profile, "-o", path, .. run.Schedule.Options];
        Directory.CreateDirectory(folder);
        if (run.Schedule.IsJoint)
        {
            limit = MakeWithin(plan, path, limit);
        }
        else if (_made.Add(path))
        {
            Tool.Run(s_limit, tree.Program, plan);
        }

        return (path, limit);
    }

    /// <summary>The predicted front, as JSON.</summary>
    public string Front(string network, int ranks, string profile) =>
        Tool.Run(s_limit, tree.Program, "plan", tree.ModelOf(network), "--ranks", $"{ranks}", "--cluster", profile, "--pareto", "--json");

    private long? MakeWithin(string[] plan, string path, long? limit)
    {
        try
        {
            Tool.Run(s_limit, tree.Program, [.. plan, .. limit is null ? (string[])[] : ["--footprint-limit", $"{limit}"]]);
            return limit;
        }
        catch (ToolException e) when (limit is not null && e.ExitCode == NoFeasiblePlan)
        {
            Tool.Run(s_limit, tree.Program, [.. plan, "--objective", "footprint"]);
            return PlanFile.Read(path).Counts.FootprintBytes.Max();
        }
    }

    /// <summary>What the paper's program says, which knows convolutions only, and the N-th part of the fully-connected layers' weights.</summary>
    private long PaperFootprint(string network, int ranks)
    {
        if (!_paperFootprints.TryGetValue((network, ranks), out long bytes))
        {
            JsonElement paper = Tool.Json(s_limit, tree.Program, "plan", tree.ModelOf(network), "--ranks", $"{ranks}", "--formulation", "paper", "--json");
            long connected = ModelFile.Open(tree.ModelOf(network)).Network.Layers.OfType<FullyConnected>().Sum(layer => layer.Parameters * sizeof(float));
            _paperFootprints.Add((network, ranks), bytes = paper.GetProperty("footprintBytes").GetInt64() + (connected / ranks));
        }

        return bytes;
    }
}
