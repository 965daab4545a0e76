using System.Text.Json;
using DeeperThings.TestSupport;

namespace DeeperThings.Cli.Tests;

/// <summary>The command's contract, verb by verb.</summary>
public sealed class Verbs : TemporaryFolder
{
    [Fact]
    public void Inspect_prints_every_layer_and_the_totals()
    {
        JsonElement json = Command.Run("inspect", Repository.PathOf("models", "yolov2.cfg"), "--json").Succeeded().Json;
        Assert.Equal(32, json.GetProperty("layers").GetArrayLength());
        Assert.Equal(62.94e9, json.GetProperty("flops").GetInt64(), 0.5e9);
        string table = Command.Run("inspect", Signs.Model).Succeeded().Output;
        Assert.Contains("23", table, StringComparison.Ordinal);
        Assert.Contains("region", table, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_makes_the_same_weights_and_they_run()
    {
        string[] files = [PathOf("a.weights"), PathOf("b.weights"), PathOf("c.weights")];
        foreach ((string file, string seed) in files.Zip(["5", "5", "6"]))
        {
            Command.Run("weights", "init", Signs.Model, "--seed", seed, "-o", file).Succeeded();
        }

        Assert.True(File.ReadAllBytes(files[0]).AsSpan().SequenceEqual(File.ReadAllBytes(files[1])));
        Assert.False(File.ReadAllBytes(files[0]).AsSpan().SequenceEqual(File.ReadAllBytes(files[2])));
        JsonElement bench = Command.Run("bench", Signs.Model, "--weights", files[0], "--repeat", "1", "--json").Succeeded().Json;
        Assert.True(bench.GetProperty("medianMilliseconds").GetDouble() > 0);
        Assert.True(bench.GetProperty("gigaflopsPerSecond").GetDouble() > 0);
        Assert.Equal(23, bench.GetProperty("layers").GetArrayLength());
    }

    [Fact]
    public void Plan_prints_its_counts_as_json_and_a_plan_file_has_the_same()
    {
        string path = PathOf("plan.json");
        JsonElement json = Command.Run("plan", Signs.Model, "--ranks", "3", "--strategy", "fused-weights", "--json", "-o", path).Succeeded().Json;
        Assert.Equal(json.GetProperty("bytesTotal").GetInt64(), json.GetProperty("bytesSent").EnumerateArray().Sum(bytes => bytes.GetInt64()));
        Assert.Equal(24, json.GetProperty("layers").GetArrayLength());
        JsonElement counts = JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("counts");
        Assert.Equal(json.GetProperty("footprintBytes").GetRawText().Where(char.IsDigit), counts.GetProperty("footprintBytes").GetRawText().Where(char.IsDigit));
        Assert.Equal(File.ReadAllText(path), Command.Run("plan", Signs.Model, "--ranks", "3", "--strategy", "fused-weights").Succeeded().Output.TrimEnd() + "\n");
    }

    [Fact]
    public void A_plan_can_be_made_without_weights() =>
        Command.Run("plan", Repository.PathOf("models", "vgg-16.cfg"), "--ranks", "6", "--strategy", "layer-output", "-o", PathOf("vgg.json")).Succeeded();

    [Theory]
    [InlineData("tiled", true)]
    [InlineData("layer-output", true)]
    [InlineData("whole", true)]
    [InlineData("layer-input", false)]
    [InlineData("fused-weights", false)]
    public void Verify_finds_the_output_of_one_rank(string strategy, bool bitwise)
    {
        JsonElement json = Command.Mpiexec(4, "verify", Signs.Model, "--plan", Signs.Plan(Folder, 4, strategy), "--input", Path.Combine(Signs.Samples, "sample0003.jpg"), "--json").Succeeded().Json;
        Assert.True(json.GetProperty("passed").GetBoolean());
        Assert.True(json.GetProperty("asPlanned").GetBoolean());
        Assert.True(!bitwise || json.GetProperty("bitwise").GetBoolean());
    }

    [Fact]
    public void A_run_writes_detections_pictures_tensors_trace_and_report()
    {
        string results = PathOf("results");
        string trace = PathOf("trace.json");
        JsonElement json = Command.Mpiexec(2, "run", Signs.Model, "--plan", Signs.Plan(Folder, 2, "layer-output"), "--input", Path.Combine(Signs.Samples, "sample0001.jpg"), "--output", results, "--dump-tensor", "--repeat", "3", "--trace", trace, "--json").Succeeded().Json;
        Assert.Equal(1, json.GetProperty("results").GetArrayLength());
        Assert.Equal(["run.json", "sample0001.json", "sample0001.npy", "sample0001.png"], Directory.GetFiles(results).Select(Path.GetFileName).Order());
        Assert.True(File.Exists(trace));
    }

    [Fact]
    public void The_raw_output_of_a_tensor_is_the_same_bits_under_any_number_of_ranks()
    {
        string input = PathOf("input.npy");
        var random = new Random(7);
        Vision.Npy.Write(input, new(3, 416, 416), [.. Enumerable.Range(0, 3 * 416 * 416).Select(_ => random.NextSingle())]);
        byte[]? first = null;
        foreach ((int ranks, string strategy) in new[] { (1, "whole"), (2, "tiled"), (3, "layer-output"), (5, "tiled") })
        {
            string results = PathOf($"{ranks}");
            Command.Mpiexec(ranks, "run", Signs.Model, "--plan", Signs.Plan(Folder, ranks, strategy), "--input", input, "--output", results, "--dump-tensor").Succeeded();
            byte[] output = File.ReadAllBytes(Path.Combine(results, "input.npy"));
            first ??= output;
            Assert.True(first.AsSpan().SequenceEqual(output), $"{ranks} ranks, {strategy}");
        }
    }

    [Fact]
    public void Started_by_hand_it_starts_mpiexec_with_the_hostfile()
    {
        string results = PathOf("results");
        Command.Run("run", Signs.Model, "--plan", Signs.Plan(Folder, 6, "tiled"), "--hostfile", Repository.PathOf("hostfiles", "local"), "--input", Path.Combine(Signs.Samples, "sample0006.jpg"), "--output", results).Succeeded();
        Assert.Equal(6, JsonDocument.Parse(File.ReadAllText(Path.Combine(results, "run.json"))).RootElement.GetProperty("ranks").GetArrayLength());
    }

    [Fact]
    public void Without_MPI_the_ranks_run_in_process_and_run_says_what_to_install()
    {
        foreach (string name in new[] { "dirname", "readlink" })
        {
            File.CreateSymbolicLink(PathOf(name), Path.Combine("/usr/bin", name));
        }

        var withoutMpi = new Dictionary<string, string> { ["PATH"] = Folder, ["DEEPERTHINGS_MPI_LIBRARY"] = "libnowhere.so" };
        string[] arguments = ["run", Signs.Model, "--plan", Signs.Plan(Folder, 3, "tiled"), "--input", Path.Combine(Signs.Samples, "sample0000.jpg"), "--output", PathOf("results")];
        Command.RunWith(withoutMpi, arguments).FailedWith(2, "apt-get install mpich");
        Command.RunWith(withoutMpi, [.. arguments, "--in-process"]).Succeeded();
        var asRank = new Dictionary<string, string>(withoutMpi) { ["PMI_RANK"] = "0", ["PMI_SIZE"] = "1" };
        Command.RunWith(asRank, arguments).FailedWith(2, "apt-get install mpich");
    }

    [Fact]
    public void Help_is_printed_on_request_and_nothing_is_done_without_a_verb()
    {
        Assert.Contains("inspect", Command.Run("--help").Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("--plan", Command.Run("run", "--help").Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal(2, Command.Run().ExitCode);
    }
}
