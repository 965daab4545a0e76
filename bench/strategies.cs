// Seconds, footprint and bytes per rank of every uniform strategy, as a Markdown table.
//   ./run.sh setup && dotnet run bench/strategies.cs -- [RANKS] [REPEAT] [MODEL...]
// Runs `deeperthings` under mpiexec with synthetic weights; RANKS is 6, REPEAT 5, the models are yolov2 and vgg-16 by default.
using System.Diagnostics;
using System.Text.Json;

int ranks = args.Length > 0 ? int.Parse(args[0]) : 6;
int repeat = args.Length > 1 ? int.Parse(args[1]) : 5;
string[] models = args.Length > 2 ? args[2..] : ["yolov2", "vgg-16"];
string root = Directory.GetCurrentDirectory();
string program = Path.Combine(root, "artifacts", "bin", "deeperthings");
string folder = Directory.CreateTempSubdirectory("strategies").FullName;
try
{
    Console.WriteLine($"| model | strategy | seconds | footprint per rank, MB (of these weights) | sent per rank, MB | all sent, MB | messages |");
    Console.WriteLine("|---|---|---|---|---|---|---|");
    foreach (string model in models)
    {
        string cfg = Path.Combine(root, "models", $"{model}.cfg");
        string weights = Path.Combine(folder, $"{model}.weights");
        Run(program, "weights", "init", cfg, "-o", weights);
        foreach (string strategy in new[] { "whole", "tiled", "layer-output", "layer-input", "fused-weights" })
        {
            string plan = Path.Combine(folder, "plan.json");
            string results = Path.Combine(folder, "results");
            JsonElement planned = Json(Run(program, "plan", cfg, "--weights", weights, "--ranks", $"{ranks}", "--strategy", strategy, "-o", plan, "--json"));
            Run("mpiexec.hydra", "-n", $"{ranks}", program, "run", cfg, "--weights", weights, "--plan", plan, "--input", Path.Combine(root, "models/signs/samples/sample0010.jpg"), "--output", results, "--repeat", $"{repeat}");
            JsonElement report = Json(File.ReadAllText(Path.Combine(results, "run.json")));
            double seconds = report.GetProperty("inputs")[0].GetProperty("seconds").GetDouble();
            JsonElement[] perRank = [.. report.GetProperty("ranks").EnumerateArray()];
            string footprint = Range(perRank.Select(rank => rank.GetProperty("footprintBytesAllocated").GetInt64()));
            string ofWeights = Range(planned.GetProperty("weightsBytes").EnumerateArray().Select(bytes => bytes.GetInt64()));
            long[] sent = [.. perRank.Select(rank => rank.GetProperty("bytesSent").GetInt64() / repeat)];
            int messages = planned.GetProperty("messages").EnumerateArray().Sum(count => count.GetInt32());
            Console.WriteLine($"| {model} | {strategy} | {seconds:F3} | {footprint} ({ofWeights}) | {Range(sent)} | {sent.Sum() / 1e6:F1} | {messages} |");
        }
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static string Range(IEnumerable<long> bytes) => bytes.Min() == bytes.Max() ? $"{bytes.Max() / 1e6:F1}" : $"{bytes.Min() / 1e6:F1}-{bytes.Max() / 1e6:F1}";

static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

static string Run(string program, params string[] arguments)
{
    using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(" ", arguments)}: exit code {process.ExitCode}");
}
