using System.Globalization;
using System.Text.Json;
using DeeperThings.TestSupport;

namespace DeeperThings.Cli.Tests;

/// <summary>The ranks' program as native code: its memory is what the plan says and little more, its bits are those of every other build.</summary>
public sealed class PublishedRanks : TemporaryFolder
{
    /// <summary>What a rank may need beside its footprint where the system limits it.</summary>
    private const long RoomBytes = 24_000_000;

    /// <summary>MPI's message rings, of which the first hundred inferences touch the rest.</summary>
    private const long MessageBytes = 4_000_000;

    private static readonly string s_picture = Path.Combine(Signs.Samples, "sample0001.jpg");

    private static readonly string s_yolo = Repository.PathOf("models", "yolov2.cfg");

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(8);

    private static readonly Lazy<string> s_native = new(() => Publish("linux-x64", "deeperthings-rank"));

    private static readonly Lazy<string> s_arm = new(() => Publish("linux-arm64", "deeperthings-rank-armv8-a"));

    [Fact(SkipUnless = nameof(LongTests.Run), SkipType = typeof(LongTests), Skip = LongTests.Reason)]
    public void Peak_resident_memory_is_that_of_an_empty_rank_and_the_footprint()
    {
        string weights = YoloWeights();
        foreach (int ranks in new[] { 1, 2, 3, 4, 5, 6, 8 })
        {
            JsonElement[] empty = Ranks(RunEmpty(ranks));
            string plan = FootprintPlan(ranks, weights);
            Assert.All(Ranks(RunNative(ranks, "yolov2", s_yolo, plan, s_picture, "--weights", weights)), rank =>
            {
                long above = Number(rank, "peakResidentBytes") - Number(empty[(int)Number(rank, "rank")], "peakResidentBytes");
                Assert.InRange(above, 0, (long)(1.1 * Number(rank, "footprintBytesPlanned")) + 4_000_000);
            });
        }
    }

    [Fact(SkipUnless = nameof(LongTests.Run), SkipType = typeof(LongTests), Skip = LongTests.Reason)]
    public void Six_ranks_that_are_held_to_their_footprint_and_24_MB_give_the_same_bits()
    {
        string tool = Repository.PathOf("tools", "limited-memory.sh");
        Finished probe = Command.Start(tool, ["20M", "true"], s_limit, Command.NoEnvironment);
        Assert.SkipWhen(probe.ExitCode == 125, probe.Error);
        string weights = YoloWeights();
        string plan = FootprintPlan(6, weights);
        string free = RunNative(6, "free", s_yolo, plan, s_picture, "--weights", weights, "--dump-tensor");
        long[] footprints = [.. JsonDocument.Parse(File.ReadAllText(plan)).RootElement.GetProperty("counts").GetProperty("footprintBytes").EnumerateArray().Select(bytes => bytes.GetInt64())];
        string held = PathOf("held");
        string[] run = [s_native.Value, "run", s_yolo, "--plan", plan, "--input", s_picture, "--output", held, "--weights", weights, "--dump-tensor"];
        Command.Start("mpiexec.hydra", ["-n", "6", tool, Limits(footprints, RoomBytes), .. run], s_limit, Command.NoEnvironment).Succeeded();
        AssertSameFile(Path.Combine(free, "sample0001.npy"), Path.Combine(held, "sample0001.npy"));
        Finished tooTight = Command.Start("mpiexec.hydra", ["-n", "6", tool, Limits(footprints, 0), .. run], s_limit, Command.NoEnvironment);
        Assert.NotEqual(0, tooTight.ExitCode);
    }

    [Fact(SkipUnless = nameof(LongTests.Run), SkipType = typeof(LongTests), Skip = LongTests.Reason)]
    public void Two_thousand_inferences_take_no_more_memory_than_one()
    {
        string results = RunNative(6, "steady", Signs.Model, Signs.Plan(Folder, 6, "tiled"), s_picture, "--repeat", "2000");
        SteadyState.AssertSteady(Path.Combine(results, "run.json"), 2000, MessageBytes);
    }

    [Fact(SkipUnless = nameof(LongTests.Run), SkipType = typeof(LongTests), Skip = LongTests.Reason)]
    public void Arm64_gives_the_bits_of_x64()
    {
        string libraries = Repository.PathOf("artifacts", "arm64-sysroot");
        Command.Start(Repository.PathOf("tools", "arm64-sysroot.sh"), [libraries], s_limit, Command.NoEnvironment).Succeeded();
        string plan = Signs.Plan(Folder, 2, "layer-output");
        string expected = RunNative(2, "x64", Signs.Model, plan, s_picture, "--dump-tensor");
        string results = PathOf("arm64");
        Command.Start("mpiexec.hydra", ["-n", "2", "qemu-aarch64", "-L", libraries, s_arm.Value, "run", Signs.Model, "--plan", plan, "--input", s_picture, "--output", results, "--dump-tensor"], s_limit, Command.NoEnvironment).Succeeded();
        AssertSameFile(Path.Combine(expected, "sample0001.npy"), Path.Combine(results, "sample0001.npy"));
    }

    [Fact(SkipUnless = nameof(LongTests.Run), SkipType = typeof(LongTests), Skip = LongTests.Reason)]
    public void A_cluster_that_native_ranks_measured_can_be_planned_for()
    {
        string cluster = PathOf("cluster.json");
        Command.Start("mpiexec.hydra", ["-n", "2", s_native.Value, "profile", "-o", cluster], s_limit, Command.NoEnvironment).Succeeded();
        ProfiledCluster.AssertUsable(cluster, 2, Folder);
    }

    private static string Publish(string rid, string program)
    {
        Command.Start("bash", [Repository.PathOf("run.sh"), "publish", rid], s_limit, Command.NoEnvironment).Succeeded();
        return Repository.PathOf("artifacts", "publish", rid, program);
    }

    private static string Limits(long[] footprints, long room) => string.Join(',', footprints.Select(bytes => (bytes + room).ToString(CultureInfo.InvariantCulture)));

    private static JsonElement[] Ranks(string results) => [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(results, "run.json"))).RootElement.GetProperty("ranks").EnumerateArray()];

    private static long Number(JsonElement rank, string name) => rank.GetProperty(name).GetInt64();

    private static void AssertSameFile(string expected, string actual) => Assert.True(File.ReadAllBytes(expected).AsSpan().SequenceEqual(File.ReadAllBytes(actual)));

    private string YoloWeights()
    {
        string weights = PathOf("yolov2.weights");
        Command.Run("weights", "init", s_yolo, "--seed", "1", "-o", weights).Succeeded();
        return weights;
    }

    private string FootprintPlan(int ranks, string weights)
    {
        string plan = PathOf($"yolov2-{ranks}.json");
        Command.Run("plan", s_yolo, "--weights", weights, "--ranks", $"{ranks}", "--objective", "footprint", "-o", plan).Succeeded();
        return plan;
    }

    private string RunNative(int ranks, string name, string model, string plan, string input, params string[] options)
    {
        string results = PathOf(name);
        Command.Start("mpiexec.hydra", ["-n", $"{ranks}", s_native.Value, "run", model, "--plan", plan, "--input", input, "--output", results, .. options], s_limit, Command.NoEnvironment).Succeeded();
        return results;
    }

    /// <summary>Runs a network of one layer on four numbers: ranks that do everything but compute and hold something.</summary>
    private string RunEmpty(int ranks)
    {
        string model = PathOf("empty.cfg");
        File.WriteAllText(model, "[net]\nwidth=2\nheight=2\nchannels=3\n\n[maxpool]\nsize=2\nstride=2\n");
        File.WriteAllBytes(PathOf("empty.weights"), [0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        return RunNative(ranks, "empty", model, Signs.Plan(Folder, ranks, "tiled", model), s_picture);
    }
}
