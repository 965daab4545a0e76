// The planner measured: is every optimum proven, how long does it take, how large is the program; and what its plans gain.
//   ./run.sh setup && dotnet run bench/planner.cs -- [MODEL.cfg...]
// First table: every model, N = 2..8, three objectives. Second table: six devices, predicted seconds against other ways to run the network.
using System.Diagnostics;
using System.Text.Json;

const string Cluster = "six-pi3-100mbit";
const double LinkBytesPerSecond = 100e6 / 8;

string[] models = args.Length > 0 ? args : ["models/yolov2.cfg", "models/vgg-16.cfg", "models/extraction.cfg", "models/alexnet.cfg"];
string program = Path.Combine(Directory.GetCurrentDirectory(), "artifacts", "bin", "deeperthings");

Console.WriteLine("| model | N | objective | proven optimal | value | s to solve | variables | constraints |");
Console.WriteLine("|---|---|---|---|---|---|---|---|");
foreach (string model in models)
{
    for (int ranks = 2; ranks <= 8; ranks++)
    {
        foreach (string objective in new[] { "latency", "communication", "footprint" })
        {
            JsonElement plan = Plan(model, ranks, "--objective", objective);
            string value = objective switch
            {
                "latency" => $"{plan.GetProperty("seconds").GetDouble():F3} s",
                "communication" => $"{plan.GetProperty("bytesTotal").GetInt64() / 1e6:F2} MB",
                _ => $"{Largest(plan) / 1e6:F2} MB",
            };
            Console.WriteLine($"| {Name(model)} | {ranks} | {objective} | {(plan.GetProperty("optimal").GetBoolean() ? "yes" : "no")} | {value} | {plan.GetProperty("solveSeconds").GetDouble():F1} | {plan.GetProperty("variables").GetInt32()} | {plan.GetProperty("constraints").GetInt32()} |");
        }
    }
}

Console.WriteLine();
Console.WriteLine("| model | one device | joint plan | largest footprint | peers, LayerOutput | its footprint | paper's optimum through a star, at least |");
Console.WriteLine("|---|---|---|---|---|---|---|");
foreach (string model in models)
{
    double one = Plan(model, 1, "--strategy", "whole").GetProperty("seconds").GetDouble();
    JsonElement peers = Plan(model, 6, "--strategy", "layer-output");
    JsonElement paper = Plan(model, 6, "--formulation", "paper");
    double flops = paper.GetProperty("executable").GetProperty("flops").EnumerateArray().Max(rank => rank.GetInt64());
    double star = (flops / 4e9) + (paper.GetProperty("communication").GetProperty("optimalBytes").GetInt64() / LinkBytesPerSecond);
    foreach (string? limit in new[] { null, "64MB", "48MB" })
    {
        JsonElement? joint = TryPlan(model, 6, limit is null ? [] : ["--footprint-limit", limit]);
        string predicted = joint is { } plan ? $"{plan.GetProperty("seconds").GetDouble():F3} s" : "no plan fits";
        string footprint = joint is { } found ? $"{Largest(found) / 1e6:F1} MB" : string.Empty;
        Console.WriteLine($"| {Name(model)}{(limit is null ? string.Empty : $", {limit}")} | {one:F3} s | {predicted} | {footprint} | {peers.GetProperty("seconds").GetDouble():F3} s | {Largest(peers) / 1e6:F1} MB | {star:F3} s |");
    }
}

JsonElement Plan(string model, int ranks, params string[] options) =>
    TryPlan(model, ranks, options) ?? throw new InvalidOperationException($"no plan for {model} on {ranks} ranks");

JsonElement? TryPlan(string model, int ranks, params string[] options)
{
    string[] cluster = ranks <= 6 ? ["--cluster", Cluster] : [];
    using Process process = Process.Start(new ProcessStartInfo(program, ["plan", model, "--ranks", $"{ranks}", "--json", .. cluster, .. options]) { RedirectStandardOutput = true })!;
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? JsonDocument.Parse(output).RootElement : null;
}

static string Name(string model) => Path.GetFileNameWithoutExtension(model);

static long Largest(JsonElement plan) => plan.GetProperty("footprintBytes").EnumerateArray().Max(bytes => bytes.GetInt64());
