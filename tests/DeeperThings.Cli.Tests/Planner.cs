using System.Text.Json;
using DeeperThings.TestSupport;

namespace DeeperThings.Cli.Tests;

/// <summary><c>plan</c> and <c>simulate</c> as commands, and their plans under real ranks.</summary>
public sealed class Planner : TemporaryFolder
{
    [Theory]
    [InlineData("yolov2", "", 7, 43416277, 377661353)]
    [InlineData("yolov2", "12", 7, 43416277, 89323433)]
    [InlineData("alexnet", "2", 1, 3639808, 5050240)]
    public void The_papers_programs_print_their_optima(string model, string firstLayer, int breakLayer, long footprint, long optimum)
    {
        string[] first = ["--first-layer", firstLayer.Length > 0 ? firstLayer : "0"];
        JsonElement json = Command.Run(["plan", Repository.PathOf("models", $"{model}.cfg"), "--ranks", "6", "--formulation", "paper", "--json", .. first]).Succeeded().Json;
        Assert.Equal(breakLayer, json.GetProperty("breakLayer").GetInt32());
        Assert.Equal(footprint, json.GetProperty("footprintBytes").GetInt64());
        Assert.Equal(optimum, json.GetProperty("communication").GetProperty("optimalBytes").GetInt64());
    }

    [Theory]
    [InlineData("latency", "6MB")]
    [InlineData("latency", "64MB")]
    [InlineData("communication", "8MB")]
    [InlineData("footprint", "64MB")]
    public void An_optimal_plan_keeps_its_limit_and_runs_under_six_ranks_as_planned(string objective, string limit)
    {
        string plan = PathOf("plan.json");
        JsonElement json = Command.Run("plan", Signs.Model, "--ranks", "6", "--objective", objective, "--footprint-limit", limit, "--json", "-o", plan).Succeeded().Json;
        Assert.True(json.GetProperty("optimal").GetBoolean());
        Assert.Equal(objective, json.GetProperty("objective").GetString());
        Assert.All(json.GetProperty("footprintBytes").EnumerateArray(), bytes => Assert.True(bytes.GetInt64() <= long.Parse(limit[..^2]) * 1_000_000));
        JsonElement verified = Command.Mpiexec(6, "verify", Signs.Model, "--plan", plan, "--input", Path.Combine(Signs.Samples, "sample0002.jpg"), "--json").Succeeded().Json;
        Assert.True(verified.GetProperty("asPlanned").GetBoolean());
        Assert.True(verified.GetProperty("passed").GetBoolean());
    }

    [Fact]
    public void A_limit_that_no_plan_meets_ends_with_exit_code_3_and_the_smallest_one_that_some_plan_meets()
    {
        Finished failed = Command.Run("plan", Signs.Model, "--ranks", "6", "--footprint-limit", "1MB", "-o", PathOf("plan.json"));
        failed.FailedWith(3, "the smallest feasible limit is");
        Assert.False(File.Exists(PathOf("plan.json")));
        string smallest = new([.. failed.ErrorLines[0].Split("limit is ")[1].Where(char.IsDigit)]);
        Command.Run("plan", Signs.Model, "--ranks", "6", "--footprint-limit", smallest, "-o", PathOf("plan.json")).Succeeded();
    }

    [Fact]
    public void A_simulation_has_every_rank_and_every_byte_of_the_plan()
    {
        string plan = PathOf("plan.json");
        JsonElement planned = Command.Run("plan", Signs.Model, "--ranks", "6", "--cluster", "mixed-pi3-pi4", "--json", "-o", plan).Succeeded().Json;
        JsonElement simulated = Command.Run("simulate", Signs.Model, "--plan", plan, "--cluster", "mixed-pi3-pi4", "--trace", PathOf("trace.json"), "--json").Succeeded().Json;
        Assert.Equal(6, simulated.GetProperty("ranks").GetArrayLength());
        Assert.Equal(planned.GetProperty("bytesTotal").GetInt64(), simulated.GetProperty("steps").EnumerateArray().Sum(step => step.GetProperty("bytes").GetInt64()));
        Assert.True(File.Exists(PathOf("trace.json")));
    }

    [Fact]
    public void A_front_is_printed_and_drawn()
    {
        string picture = PathOf("front.svg");
        JsonElement[] points = [.. Command.Run("plan", Signs.Model, "--ranks", "2", "--pareto", "--picture", picture, "--json").Succeeded().Json.GetProperty("points").EnumerateArray()];
        Assert.True(points.Length >= 2);
        foreach ((JsonElement smaller, JsonElement larger) in points.Zip(points.Skip(1)))
        {
            Assert.True(smaller.GetProperty("footprintBytes").GetInt64() < larger.GetProperty("footprintBytes").GetInt64());
            Assert.True(smaller.GetProperty("seconds").GetDouble() > larger.GetProperty("seconds").GetDouble());
        }

        Assert.Equal("svg", System.Xml.Linq.XDocument.Load(picture).Root!.Name.LocalName);
    }

    [Fact]
    public void A_plan_is_drawn_with_all_its_layers()
    {
        string picture = PathOf("plan.svg");
        Command.Run("plan", Signs.Model, "--ranks", "6", "--strategy", "tiled", "-o", PathOf("plan.json"), "--picture", picture).Succeeded();
        string text = System.Xml.Linq.XDocument.Load(picture).Root!.Value;
        Assert.Contains("22 convolutional 1x1/1", text, StringComparison.Ordinal);
        Assert.Contains("reorg", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--objective", "speed")]
    [InlineData("--formulation", "guess")]
    [InlineData("--cluster", "no-such-cluster")]
    [InlineData("--footprint-limit", "small")]
    [InlineData("--picture", "plan.gif")]
    public void A_value_that_is_not_allowed(string option, string value) =>
        Command.Run("plan", Signs.Model, "--ranks", "2", option, value).FailedWith(2, value);
}
