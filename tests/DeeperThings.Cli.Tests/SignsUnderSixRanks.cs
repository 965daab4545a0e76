using System.Text.Json;
using DeeperThings.Vision;

namespace DeeperThings.Cli.Tests;

/// <summary>The main job, under real mpiexec: six ranks detect the road signs of the samples and of the test set.</summary>
public sealed class SignsUnderSixRanks : TemporaryFolder
{
    private const int Ranks = 6;
    private const float ReportedThreshold = 0.5f;

    public static TheoryData<string> Strategies => [.. Signs.Strategies];

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Every_strategy_finds_the_expected_signs_with_the_planned_bytes_and_footprint(string strategy)
    {
        string results = PathOf("results");
        Command.Mpiexec(Ranks, "run", Signs.Model, "--plan", Signs.Plan(Folder, Ranks, strategy), "--input", Signs.Samples, Signs.TestSet, "--threshold", "0.005", "--output", results).Succeeded();
        AssertSamples(results);
        AssertMeanAveragePrecision(results);
        AssertReport(results);
    }

    [Theory]
    [InlineData("float16", "float32")]
    [InlineData("float32", "float16")]
    [InlineData("float16", "float16")]
    public void Float16_in_memory_and_on_the_wire_finds_the_expected_signs(string weights, string wire)
    {
        string model = PathOf("signs.cfg");
        string plan = PathOf("plan.json");
        foreach (string file in new[] { "signs.cfg", "signs.weights", "signs.names" })
        {
            File.Copy(Path.Combine(Path.GetDirectoryName(Signs.Model)!, file), PathOf(file));
        }

        Command.Run("weights", "convert", model, "--to", "float16", "-o", PathOf("signs.float16.weights")).Succeeded();
        Command.Run("plan", model, "--ranks", $"{Ranks}", "--weights", weights, "--wire", wire, "--strategy", "layer-output", "-o", plan).Succeeded();
        string results = PathOf("results");
        Command.Mpiexec(Ranks, "run", model, "--plan", plan, "--input", Signs.Samples, Signs.TestSet, "--threshold", "0.005", "--output", results).Succeeded();
        AssertSamples(results);
        AssertMeanAveragePrecision(results);
        AssertReport(results);
        AssertWeightsAreReadOnce(results, weights == "float16" ? new FileInfo(PathOf("signs.float16.weights")).Length - 44 : new FileInfo(Signs.Weights).Length - 20);
        JsonElement verified = Command.Mpiexec(Ranks, "verify", model, "--plan", plan, "--input", Path.Combine(Signs.Samples, "sample0003.jpg"), "--json").Succeeded().Json;
        Assert.True(verified.GetProperty("bitwise").GetBoolean());
    }

    private static void AssertWeightsAreReadOnce(string results, long bytes) =>
        Assert.Equal(bytes, ReadJson(Path.Combine(results, "run.json")).GetProperty("ranks").EnumerateArray().Sum(rank => rank.GetProperty("weightsBytesRead").GetInt64()));

    private static void AssertSamples(string results)
    {
        string[] expectedFiles = Directory.GetFiles(Signs.Expected, "*.json");
        Assert.Equal(12, expectedFiles.Length);
        foreach (string file in expectedFiles)
        {
            JsonElement[] expected = [.. ReadJson(file).GetProperty("detections").EnumerateArray()];
            List<Detection> found = [.. ReadDetections(Path.Combine(results, Path.GetFileName(file))).Where(detection => detection.Confidence > ReportedThreshold)];
            Assert.Equal(expected.Length, found.Count);
            foreach (JsonElement sign in expected)
            {
                // Two signs of a class are told apart by their place.
                int index = found.FindIndex(detection => detection.Class == sign.GetProperty("class").GetString() && Corners(detection.Box).Zip(Corners(sign)).All(pair => Math.Abs(pair.First - pair.Second) <= 2));
                Assert.True(index >= 0, $"{Path.GetFileName(file)}: no {sign} within 2 px");
                found.RemoveAt(index);
            }

            Assert.True(File.Exists(Path.Combine(results, Path.ChangeExtension(Path.GetFileName(file), ".png"))));
        }
    }

    private static void AssertMeanAveragePrecision(string results)
    {
        var judged = new List<Judged>();
        foreach (string labels in Directory.GetFiles(Signs.TestSet, "*.txt"))
        {
            string file = Path.Combine(results, Path.GetFileNameWithoutExtension(labels) + ".json");
            JsonElement image = ReadJson(file).GetProperty("image");
            judged.Add(new(ReadDetections(file), GroundTruth.Read(labels, image.GetProperty("width").GetInt32(), image.GetProperty("height").GetInt32())));
        }

        Assert.Equal(100, judged.Count);
        double mean = AveragePrecision.Mean(judged);
        TestContext.Current.TestOutputHelper?.WriteLine($"mAP@0.5 {mean:F5}");
        Assert.InRange(mean, 0.97, 1);
    }

    private static void AssertReport(string results)
    {
        JsonElement report = ReadJson(Path.Combine(results, "run.json"));
        Assert.Equal(112, report.GetProperty("inputs").GetArrayLength());
        JsonElement[] ranks = [.. report.GetProperty("ranks").EnumerateArray()];
        Assert.Equal(Enumerable.Range(0, Ranks), ranks.Select(rank => rank.GetProperty("rank").GetInt32()));
        Assert.All(ranks, rank =>
        {
            Assert.Equal(rank.GetProperty("footprintBytesPlanned").GetInt64(), rank.GetProperty("footprintBytesAllocated").GetInt64());
            Assert.Equal(rank.GetProperty("bytesSentPlanned").GetInt64(), rank.GetProperty("bytesSent").GetInt64());
            Assert.True(rank.GetProperty("peakResidentBytes").GetInt64() > rank.GetProperty("footprintBytesAllocated").GetInt64());
        });
        Assert.Equal(ranks.Sum(rank => rank.GetProperty("bytesSent").GetInt64()), ranks.Sum(rank => rank.GetProperty("bytesReceived").GetInt64()));
    }

    private static JsonElement ReadJson(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;

    private static List<Detection> ReadDetections(string path) => [.. ReadJson(path).GetProperty("detections").EnumerateArray().Select(detection => new Detection(
        detection.GetProperty("class").GetString()!,
        detection.GetProperty("classIndex").GetInt32(),
        detection.GetProperty("confidence").GetSingle(),
        BoxOf(detection.GetProperty("box"))))];

    private static Box BoxOf(JsonElement box) =>
        new(box.GetProperty("x").GetSingle(), box.GetProperty("y").GetSingle(), box.GetProperty("width").GetSingle(), box.GetProperty("height").GetSingle());

    private static double[] Corners(Box box) => [box.X, box.Y, box.X + box.Width, box.Y + box.Height];

    private static double[] Corners(JsonElement expected) =>
        [.. ((string[])["left", "top", "right", "bottom"]).Select(side => expected.GetProperty(side).GetDouble())];
}
