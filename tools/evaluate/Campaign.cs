using System.Globalization;
using System.Text.Json;

namespace DeeperThings.Evaluate;

/// <summary>What is measured.</summary>
/// <param name="Networks">Names of models in <c>models/</c>.</param>
/// <param name="Ranks">Numbers of ranks; 1 is one device.</param>
internal sealed record Scope(IReadOnlyList<string> Networks, IReadOnlyList<int> Ranks, IReadOnlyList<string> Rates, int Cpu)
{
    public static readonly Scope Full = new(["yolov2", "vgg-16", "alexnet", "extraction"], [6, 1, 2, 3, 4, 5], ["100mbit", "unlimited", "10mbit"], 25);
    public static readonly Scope Quick = new(["alexnet", "extraction"], [1, 2, 6], ["100mbit"], 25);

    /// <summary>Every run: the number of ranks, and each way to run a network on it.</summary>
    public IEnumerable<(string Network, int Ranks, string Rate, Schedule Schedule)> Runs() =>
        from rate in Rates
        from network in Networks
        from ranks in Ranks
        from schedule in Schedule.All
        where schedule.IsOneDevice == (ranks == 1)
        select (network, ranks, rate, schedule);
}

/// <summary>Plans, runs and measures on the emulated cluster, one run after the other; what the file holds already is left out.</summary>
/// <param name="root">The repository.</param>
/// <param name="folder">For weights, plans, cluster profiles and measurements.</param>
/// <param name="say">Progress.</param>
internal sealed class Campaign(string root, string folder, Action<string> say)
{
    private const double MostSecondsOfARun = 12;
    private const int MostInferences = 5;
    private const int NoFeasiblePlan = 3;

    private static readonly TimeSpan s_short = TimeSpan.FromMinutes(5);

    private readonly string _program = Path.Combine(root, "artifacts", "bin", "deeperthings");
    private readonly MeasurementFile _file = new(Path.Combine(folder, "measurements.jsonl"));

    /// <exception cref="ToolException">A run failed.</exception>
    public void Measure(Scope scope)
    {
        var known = _file.Read().Select(measurement => measurement.Key).ToHashSet();
        var runs = scope.Runs().ToList();
        int done = 0;
        foreach (var onRate in runs.GroupBy(run => run.Rate))
        {
            var missing = onRate.Where(run => !known.Contains(Measurement.KeyOf(run.Network, run.Ranks, run.Rate, run.Schedule.Name, scope.Cpu))).ToList();
            done += onRate.Count() - missing.Count;
            if (missing.Count == 0)
            {
                continue;
            }

            int hosts = scope.Ranks.Max();
            using EmulatedCluster cluster = EmulatedCluster.Up(root, hosts, onRate.Key, scope.Cpu);
            string profile = Profile(cluster, hosts, onRate.Key, scope.Cpu);
            foreach ((string network, int ranks, string rate, Schedule schedule) in missing)
            {
                Measurement measured = Measure(cluster, profile, network, ranks, rate, schedule, scope.Cpu);
                _file.Append(measured);
                WriteFront(profile, network, scope);
                say(string.Create(CultureInfo.InvariantCulture, $"{++done} of {runs.Count}: {measured.Key}: {measured.Seconds:F3} s, predicted {measured.PredictedSeconds:F3} s, {measured.FootprintBytes / 1e6:F1} MB"));
            }
        }
    }

    /// <summary>Measures the cluster once for each rate.</summary>
    private string Profile(EmulatedCluster cluster, int hosts, string rate, int cpu)
    {
        string path = Path.Combine(folder, $"cluster-{hosts}-{rate}-{cpu}.json");
        if (!File.Exists(path))
        {
            say($"measuring the cluster at {rate}");
            cluster.Run(s_short, hosts, _program, "profile", "-o", path);
        }

        return path;
    }

    /// <summary>The predicted front on the most ranks, once for each network.</summary>
    private void WriteFront(string profile, string network, Scope scope)
    {
        string path = Path.Combine(folder, "fronts", $"{network}.json");
        int ranks = scope.Ranks.Max();
        if (ranks > 1 && !File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, Tool.Run(s_short, _program, "plan", Path.Combine(root, "models", $"{network}.cfg"), "--ranks", $"{ranks}", "--cluster", profile, "--pareto", "--json"));
        }
    }

    private Measurement Measure(EmulatedCluster cluster, string profile, string network, int ranks, string rate, Schedule schedule, int cpu)
    {
        string cfg = Path.Combine(root, "models", $"{network}.cfg");
        string[] model = [cfg, "--weights", Weights(network, cfg)];
        string plan = Path.Combine(folder, "plans", $"{network}-{ranks}-{schedule.File}-{rate}.json");
        Directory.CreateDirectory(Path.GetDirectoryName(plan)!);
        long? limit = schedule.HasLimit ? PaperFootprint(model, ranks) : null;
        JsonElement planned = Plan([.. model, "--ranks", $"{ranks}", "--cluster", profile, "-o", plan, "--json", .. schedule.Options], ref limit);
        JsonElement simulated = Tool.Json(s_short, _program, ["simulate", .. model, "--plan", plan, "--cluster", profile, "--json"]);
        double predicted = simulated.GetProperty("seconds").GetDouble();
        int inferences = Math.Clamp((int)(MostSecondsOfARun / predicted), 1, MostInferences);
        string output = Path.Combine(folder, "output");
        string trace = Path.Combine(folder, "trace.json");
        var before = cluster.Counters();
        cluster.Run(
            TimeSpan.FromSeconds(120 + (20 * predicted * inferences)),
            ranks,
            [_program, "run", .. model, "--plan", plan, "--input", Path.Combine(root, "models", "signs", "samples", "sample0010.jpg"), "--output", output, "--repeat", $"{inferences}", "--trace", trace, "--timeout", $"{(int)(120 + (20 * predicted))}", "--threads", "1"]);
        var after = cluster.Counters();
        JsonElement report = JsonDocument.Parse(File.ReadAllText(Path.Combine(output, "run.json"))).RootElement;
        JsonElement[] perRank = [.. report.GetProperty("ranks").EnumerateArray()];
        JsonElement executable = planned.TryGetProperty("executable", out JsonElement paper) ? paper : planned;
        long[] sent = Longs(executable, "bytesSent");
        long[] received = Longs(executable, "bytesReceived");
        return new()
        {
            Network = network,
            Ranks = ranks,
            Rate = rate,
            Schedule = schedule.Name,
            Cpu = cpu,
            FootprintLimitBytes = limit,
            FootprintBytes = Longs(executable, "footprintBytes").Max(),
            PeakResidentBytes = perRank.Max(rank => rank.GetProperty("peakResidentBytes").GetInt64()),
            Inferences = inferences,
            Seconds = report.GetProperty("inputs")[0].GetProperty("seconds").GetDouble(),
            PredictedSeconds = predicted,
            WireSeconds = Trace.WireSeconds(trace),
            LinkBytesPerSecond = JsonDocument.Parse(File.ReadAllText(profile)).RootElement.GetProperty("hosts").EnumerateArray().Min(host => host.GetProperty("linkBytesPerSecond").GetDouble()),
            AsPlanned = perRank.All(rank => rank.GetProperty("footprintBytesAllocated").GetInt64() == rank.GetProperty("footprintBytesPlanned").GetInt64() && rank.GetProperty("bytesSent").GetInt64() == rank.GetProperty("bytesSentPlanned").GetInt64()),
            Links = [.. Enumerable.Range(0, ranks).Select(rank => new LinkBytes(rank, sent[rank], received[rank], after[rank].Sent - before[rank].Sent, after[rank].Received - before[rank].Received))],
        };
    }

    /// <summary>Makes a plan; where none fits the limit, the smallest that there is.</summary>
    private JsonElement Plan(IReadOnlyList<string> arguments, ref long? limit)
    {
        try
        {
            return Tool.Json(s_short, _program, ["plan", .. arguments, .. limit is null ? (string[])[] : ["--footprint-limit", $"{limit}"]]);
        }
        catch (ToolException e) when (e.ExitCode == NoFeasiblePlan)
        {
            JsonElement smallest = Tool.Json(s_short, _program, ["plan", .. arguments, "--objective", "footprint"]);
            limit = Longs(smallest, "footprintBytes").Max();
            return smallest;
        }
    }

    /// <summary>What the paper's program says, which knows convolutions only, and the N-th part of the fully-connected layers' weights.</summary>
    private long PaperFootprint(IReadOnlyList<string> model, int ranks)
    {
        long convolutions = Tool.Json(s_short, _program, ["plan", .. model, "--ranks", $"{ranks}", "--formulation", "paper", "--json"]).GetProperty("footprintBytes").GetInt64();
        JsonElement layers = Tool.Json(s_short, _program, ["inspect", .. model, "--json"]).GetProperty("layers");
        return convolutions + (layers.EnumerateArray().Where(layer => layer.GetProperty("kind").GetString() == "connected").Sum(layer => layer.GetProperty("weightsBytes").GetInt64()) / ranks);
    }

    private string Weights(string network, string cfg)
    {
        string path = Path.Combine(folder, "weights", $"{network}.weights");
        if (!File.Exists(path))
        {
            say($"making weights of {network}");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Tool.Run(s_short, _program, "weights", "init", cfg, "-o", path);
        }

        return path;
    }

    private static long[] Longs(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(value => value.GetInt64())];
}
