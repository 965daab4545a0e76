using System.Globalization;
using System.Text.Json;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;
using DeeperThings.Vision;

namespace DeeperThings.Evaluate;

/// <summary>
/// Plans, runs and measures on the emulated cluster, one run after the other. What the folder holds already is left out, and so is, after its failure, a run that fails.
/// </summary>
/// <param name="tree">The repository.</param>
/// <param name="folder">For weights, plans, cluster profiles and measurements.</param>
/// <param name="deadline">From when on no run is begun.</param>
/// <param name="say">Progress.</param>
internal sealed class Campaign(SourceTree tree, string folder, DateTime deadline, Action<string> say)
{
    private const string SlowHost = "fd1";
    private const int FrontPoints = 6;

    private static readonly TimeSpan s_short = TimeSpan.FromMinutes(5);

    private readonly MeasurementFile _file = new(Path.Combine(folder, MeasurementFile.Name));
    private readonly Planner _planner = new(tree, Path.Combine(folder, "plans"));
    private readonly Prediction _prediction = new(tree, folder);
    private readonly string _ranks = NativeRanks.Program(tree, say);
    private Dictionary<string, Measurement> _known = [];

    /// <summary>Runs that failed.</summary>
    public int Failed { get; private set; }

    /// <summary>Runs that were not begun before the deadline.</summary>
    public int Late { get; private set; }

    private bool IsLate => DateTime.Now >= deadline;

    public void Measure(Scope scope)
    {
        _known = _file.Read().ToDictionary(measurement => measurement.Key);
        foreach (Stage stage in scope.Stages)
        {
            int missing = scope.SchedulesOf(stage).Concat(scope.UnevenOf(stage)).Concat(scope.FrontsOf(stage).SelectMany(network => FrontRuns(network, scope, stage))).Count(run => IsMissing(run, scope));
            if (IsLate)
            {
                Late += missing;
            }
            else if (missing > 0 || scope.FrontsOf(stage).Any(network => !File.Exists(FrontPath(network))))
            {
                Try($"{stage.Rate}, {string.Join(", ", stage.Ranks)} ranks", () => Measure(scope, stage));
            }
        }
    }

    private void Measure(Scope scope, Stage stage)
    {
        using EmulatedCluster cluster = EmulatedCluster.Up(tree, scope.Hosts, stage.Rate, scope.Cpu);
        string Even(int ranks, int turn) => Profile(cluster, ranks, turn, $"cluster-{ranks}-{stage.Rate}-{scope.Cpu}");
        Measure(cluster, scope, scope.SchedulesOf(stage), Even, Even);
        foreach (string network in scope.FrontsOf(stage).TakeWhile(_ => !IsLate))
        {
            Try($"front of {network}", () =>
            {
                WriteFront(network, scope, Even(scope.Hosts, 1));
                Measure(cluster, scope, FrontRuns(network, scope, stage), Even, Even);
            });
        }

        Run[] uneven = [.. scope.UnevenOf(stage).Where(run => IsMissing(run, scope))];
        if (uneven.Length > 0 && !IsLate)
        {
            string even = Even(scope.Hosts, 1);
            cluster.Limit(SlowHost, Math.Max(1, scope.Cpu / 2));
            Measure(cluster, scope, uneven, (ranks, turn) => Profile(cluster, ranks, turn, $"cluster-{ranks}-{stage.Rate}-{scope.Cpu}-{SlowHost}-half"), (_, _) => even);
        }
    }

    /// <param name="profileOf">Of that many hosts, as they are in that turn.</param>
    /// <param name="evenProfileOf">The same, of hosts of equal speed.</param>
    private void Measure(EmulatedCluster cluster, Scope scope, IEnumerable<Run> runs, Func<int, int, string> profileOf, Func<int, int, string> evenProfileOf)
    {
        foreach (Run run in runs.Where(run => IsMissing(run, scope)).ToList())
        {
            if (IsLate)
            {
                Late++;
                continue;
            }

            Try(run.KeyAt(scope.Cpu), () =>
            {
                string profile = profileOf(run.Ranks, run.Turn);
                (string plan, long? limit) = PlanOf(run, scope.Cpu, () => run.Schedule.IsForEvenHosts ? evenProfileOf(run.Ranks, run.Turn) : profile);
                (Measurement measured, double stolen) = Calm.Of(() => Measure(cluster, run, profile, plan, limit, scope.Cpu), say);
                measured = measured with { StolenShare = stolen };
                _file.Append(measured);
                _known.Add(measured.Key, measured);
                say(string.Create(CultureInfo.InvariantCulture, $"{measured.Key}: {measured.Seconds:F3} s, predicted {measured.PredictedSeconds:F3} s, {measured.FootprintBytes / 1e6:F1} MB"));
            });
        }
    }

    private bool IsMissing(Run run, Scope scope) => !_known.ContainsKey(run.KeyAt(scope.Cpu));

    /// <summary>A failure is reported and ends nothing else.</summary>
    private void Try(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is ToolException or IOException or PlanException or JsonException or KeyNotFoundException)
        {
            Failed++;
            say($"FAILED: {what}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>
    /// Measures the first hosts of the cluster, once for each number of them, each rate and each turn: as many as will run share the processors of this machine, and what they need of its caches.
    /// </summary>
    private string Profile(EmulatedCluster cluster, int ranks, int turn, string name)
    {
        string path = Path.Combine(folder, turn == 1 ? $"{name}.json" : $"{name}-turn-{turn}.json");
        if (!File.Exists(path))
        {
            say($"measuring the cluster: {Path.GetFileNameWithoutExtension(path)}");
            // By the same name, which is the cluster's.
            string attempt = Path.Combine(folder, "attempt", Path.GetFileName(path));
            Directory.CreateDirectory(Path.GetDirectoryName(attempt)!);
            string profile = Calm.Of(
                () =>
                {
                    cluster.Run(s_short, ranks, _ranks, "profile", "-o", attempt, "--threads", "1");
                    return File.ReadAllText(attempt);
                },
                say).Result;
            AtomicFile.WriteText(path, profile);
        }

        return path;
    }

    private string FrontPath(string network) => Path.Combine(folder, "fronts", $"{network}.json");

    private void WriteFront(string network, Scope scope, string profile)
    {
        if (!File.Exists(FrontPath(network)))
        {
            say($"planning the front of {network}");
            Directory.CreateDirectory(Path.GetDirectoryName(FrontPath(network))!);
            AtomicFile.WriteText(FrontPath(network), _planner.Front(network, scope.Hosts, profile));
        }
    }

    private IEnumerable<Run> FrontRuns(string network, Scope scope, Stage stage) =>
        from turn in Enumerable.Range(1, scope.Turns)
        from point in Front.Read(FrontPath(network)).Spread(FrontPoints)
        select new Run(Part.Front, network, scope.Hosts, stage.Rate, Schedule.Within(point.LimitBytes), turn);

    /// <summary>A plan and the largest footprint that it was allowed: made in the first turn, and kept for all others.</summary>
    private (string Path, long? LimitBytes) PlanOf(Run run, int cpu, Func<string> profile)
    {
        if (run.Turn == 1)
        {
            return _planner.Make(run, profile());
        }

        string first = (run with { Turn = 1 }).KeyAt(cpu);
        return _known.TryGetValue(first, out Measurement? measured) && Path.Combine(folder, measured.Plan) is var path && File.Exists(path)
            ? (path, measured.FootprintLimitBytes)
            : throw new FileNotFoundException($"the plan of {first}, which all turns share, is not there");
    }

    private Measurement Measure(EmulatedCluster cluster, Run run, string profile, string path, long? limit, int cpu)
    {
        string cfg = tree.ModelOf(run.Network);
        Plan plan = PlanFile.Read(path);
        double predicted = _prediction.Seconds(run.Network, plan, profile);
        int inferences = Repeats.Of(predicted);
        string output = Path.Combine(folder, "output");
        if (Directory.Exists(output))
        {
            // What a run before left must not pass for this one's: an mpiexec that is ended returns 0.
            Directory.Delete(output, recursive: true);
        }

        string trace = Path.Combine(folder, "trace.json");
        TimeSpan most = TimeSpan.FromSeconds(120 + (5 * predicted * inferences));
        string[] command =
        [
            _ranks, "run", cfg, "--weights", Weights(run.Network, cfg), "--plan", path, "--input", Input(run.Network, cfg), "--output", output,
            "--repeat", $"{inferences}", "--trace", trace, "--timeout", $"{(int)most.TotalSeconds}", "--threads", "1",
        ];
        var before = cluster.Counters();
        cluster.Run(most, run.Ranks, command);
        var after = cluster.Counters();
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "run.json")));
        JsonElement[] perRank = [.. report.RootElement.GetProperty("ranks").EnumerateArray()];
        Trace timeline = Trace.Read(trace);
        return new()
        {
            Part = run.Part,
            Network = run.Network,
            Ranks = run.Ranks,
            Rate = run.Rate,
            Schedule = run.Schedule.Name,
            Cpu = cpu,
            Turn = run.Turn,
            Plan = Path.GetRelativePath(folder, path),
            Profile = Path.GetRelativePath(folder, profile),
            FootprintLimitBytes = limit,
            FootprintBytes = perRank.Max(rank => rank.GetProperty("footprintBytesAllocated").GetInt64()),
            PeakResidentBytes = perRank.Max(rank => rank.GetProperty("peakResidentBytes").GetInt64()),
            Inferences = inferences,
            Seconds = report.RootElement.GetProperty("inputs")[0].GetProperty("seconds").GetDouble(),
            PredictedSeconds = predicted,
            WireSeconds = timeline.WireSeconds,
            ExchangeBytes = timeline.ExchangeBytes,
            LinkBytesPerSecond = Prediction.LinkBytesPerSecond(profile, run.Ranks),
            AsPlanned = perRank.All(rank => rank.GetProperty("footprintBytesAllocated").GetInt64() == rank.GetProperty("footprintBytesPlanned").GetInt64() && rank.GetProperty("bytesSent").GetInt64() == rank.GetProperty("bytesSentPlanned").GetInt64()),
            Links = [.. Enumerable.Range(0, run.Ranks).Select(rank => new LinkBytes(rank, plan.Counts.BytesSent[rank], plan.Counts.BytesReceived[rank], after[rank].Sent - before[rank].Sent, after[rank].Received - before[rank].Received))],
        };
    }

    private string Weights(string network, string cfg)
    {
        string path = Path.Combine(folder, "weights", $"{network}.weights");
        if (!File.Exists(path))
        {
            say($"making weights of {network}");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Tool.Run(s_short, tree.Program, "weights", "init", cfg, "-o", path);
        }

        return path;
    }

    /// <summary>A tensor, since a picture is decoded and drawn on at the slow host's leisure.</summary>
    private string Input(string network, string cfg)
    {
        string path = Path.Combine(folder, "weights", $"{network}.npy");
        if (!File.Exists(path))
        {
            Shape shape = ModelFile.Open(cfg).Network.InputShape;
            var random = new Random(1);
            Npy.Write(path, shape, [.. Enumerable.Range(0, (int)shape.Count).Select(_ => random.NextSingle())]);
        }

        return path;
    }
}
