// Joint plans of full-size networks, made, proven and executed: predicted seconds, footprint, bytes, and whether six ranks did as planned.
//   ./run.sh setup && dotnet run bench/planned.cs -- [RANKS] [CLUSTER] [MODEL:LIMIT...]
// A limit of 0 is none. Runs `deeperthings verify` under mpiexec with synthetic weights.
using System.Diagnostics;
using System.Text.Json;

int ranks = args.Length > 0 ? int.Parse(args[0]) : 6;
string cluster = args.Length > 1 ? args[1] : "six-pi3-100mbit";
string[] cases = args.Length > 2 ? args[2..] :
[
    "models/yolov2.cfg:0", "models/yolov2.cfg:64MB", "models/yolov2.cfg:48MB", "models/vgg-16.cfg:0", "models/vgg-16.cfg:110MB",
    "models/alexnet.cfg:0", "models/alexnet.cfg:48MB", "models/extraction.cfg:0", "models/extraction.cfg:24MB",
];
string root = Directory.GetCurrentDirectory();
string program = Path.Combine(root, "artifacts", "bin", "deeperthings");
string folder = Directory.CreateTempSubdirectory("planned").FullName;
try
{
    Console.WriteLine("| model | limit | s predicted | proven optimal | s to solve | largest footprint, MB | moved, MB | as planned | against one rank |");
    Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
    foreach (string[] parts in cases.Select(text => text.Split(':')))
    {
        (string cfg, string limit) = (Path.GetFullPath(parts[0]), parts[1]);
        string name = Path.GetFileNameWithoutExtension(cfg);
        string weights = Path.Combine(folder, $"{name}.weights");
        if (!File.Exists(weights))
        {
            Run(program, "weights", "init", cfg, "-o", weights);
        }

        string plan = Path.Combine(folder, "plan.json");
        string[] limits = limit == "0" ? [] : ["--footprint-limit", limit];
        JsonElement planned = Json(Run(program, ["plan", cfg, "--weights", weights, "--ranks", $"{ranks}", "--cluster", cluster, "-o", plan, "--json", .. limits]));
        JsonElement verified = Json(Run("mpiexec.hydra", "-n", $"{ranks}", program, "verify", cfg, "--weights", weights, "--plan", plan, "--input", Path.Combine(root, "models/signs/samples/sample0010.jpg"), "--json"));
        string apart = verified.GetProperty("bitwise").GetBoolean()
            ? "bitwise"
            : $"{verified.GetProperty("maxDifference").GetDouble() / verified.GetProperty("largestValue").GetDouble():E1} of the largest value";
        double footprint = planned.GetProperty("footprintBytes").EnumerateArray().Max(bytes => bytes.GetInt64()) / 1e6;
        Console.WriteLine($"| {name} | {(limit == "0" ? "none" : limit)} | {planned.GetProperty("seconds").GetDouble():F3} | {(planned.GetProperty("optimal").GetBoolean() ? "yes" : "no")} | {planned.GetProperty("solveSeconds").GetDouble():F1} | {footprint:F1} | {planned.GetProperty("bytesTotal").GetInt64() / 1e6:F1} | {(verified.GetProperty("asPlanned").GetBoolean() ? "yes" : "no")} | {apart} |");
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

static string Run(string program, params string[] arguments)
{
    using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(" ", arguments)}: exit code {process.ExitCode}");
}
