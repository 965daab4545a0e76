// The smallest plan of a network over the number of ranks, and what its ranks really take: planned and allocated footprint, and peak resident memory above
// that of a rank of an empty network which reads the same picture.
//   ./run.sh setup && ./run.sh publish && dotnet run bench/memory.cs -- [float32|float16] [MODEL...]
// Runs the native ranks' program under mpiexec with synthetic weights and one picture.
using System.Diagnostics;
using System.Text.Json;

string type = args.Length > 0 ? args[0] : "float32";
string[] models = args.Length > 1 ? args[1..] : ["models/yolov2.cfg", "models/alexnet.cfg", "models/vgg-16.cfg", "models/extraction.cfg"];
int[] sizes = [1, 2, 3, 4, 5, 6, 8];
string root = Directory.GetCurrentDirectory();
string program = Path.Combine(root, "artifacts", "bin", "deeperthings");
string native = Path.Combine(root, "artifacts", "publish", "linux-x64", "deeperthings-rank");
string picture = Path.Combine(root, "models/signs/samples/sample0010.jpg");
string folder = Directory.CreateTempSubdirectory("memory").FullName;
try
{
    Console.WriteLine("| model | weights | ranks | footprint, MB (of these weights) | proven optimal | s to solve | allocated | peak resident above an empty rank, MB: root; others |");
    Console.WriteLine("|---|---|---|---|---|---|---|---|");
    string emptyModel = Path.Combine(folder, "empty.cfg");
    File.WriteAllText(emptyModel, "[net]\nwidth=2\nheight=2\nchannels=3\n[maxpool]\nsize=1\nstride=1\n");
    File.WriteAllBytes(Path.Combine(folder, "empty.weights"), [0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, .. new byte[8]]);
    foreach (string cfg in models.Select(Path.GetFullPath))
    {
        string name = Path.GetFileNameWithoutExtension(cfg);
        string weights = Path.Combine(folder, $"{name}.weights");
        Run(program, "weights", "init", cfg, "-o", weights);
        if (type == "float16")
        {
            string half = Path.Combine(folder, $"{name}.float16.weights");
            Run(program, "weights", "convert", cfg, "--weights", weights, "--to", type, "-o", half);
            weights = half;
        }

        foreach (int ranks in sizes)
        {
            string plan = Path.Combine(folder, "plan.json");
            Run(program, "plan", emptyModel, "--ranks", $"{ranks}", "--strategy", "whole", "-o", plan);
            JsonElement[] empty = Execute(ranks, emptyModel, Path.Combine(folder, "empty.weights"), plan);
            JsonElement planned = JsonDocument.Parse(Run(program, "plan", cfg, "--weights", weights, "--ranks", $"{ranks}", "--objective", "footprint", "-o", plan, "--json")).RootElement;
            long held = JsonDocument.Parse(File.ReadAllText(plan)).RootElement.GetProperty("counts").GetProperty("weightsBytes").EnumerateArray().Max(bytes => bytes.GetInt64());
            JsonElement[] done = Execute(ranks, cfg, weights, plan);
            long[] above = [.. done.Zip(empty, (rank, other) => Number(rank, "peakResidentBytes") - Number(other, "peakResidentBytes"))];
            string others = ranks == 1 ? string.Empty : $"; {above.Skip(1).Max() / 1e6:F1}";
            bool asPlanned = done.All(rank => Number(rank, "footprintBytesAllocated") == Number(rank, "footprintBytesPlanned"));
            Console.WriteLine($"| {name} | {type} | {ranks} | {done.Max(rank => Number(rank, "footprintBytesPlanned")) / 1e6:F2} ({held / 1e6:F2}) | {(planned.GetProperty("optimal").GetBoolean() ? "yes" : "no")} | {planned.GetProperty("solveSeconds").GetDouble():F1} | {(asPlanned ? "as planned" : "NOT as planned")} | {above[0] / 1e6:F1}{others} |");
        }

        File.Delete(weights);
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

JsonElement[] Execute(int ranks, string cfg, string weights, string plan)
{
    string results = Path.Combine(folder, "results");
    Run("mpiexec.hydra", "-n", $"{ranks}", native, "run", cfg, "--weights", weights, "--plan", plan, "--input", picture, "--output", results);
    return [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(results, "run.json"))).RootElement.GetProperty("ranks").EnumerateArray()];
}

static long Number(JsonElement rank, string field) => rank.GetProperty(field).GetInt64();

static string Run(string program, params string[] arguments)
{
    using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(" ", arguments)}: exit code {process.ExitCode}");
}
