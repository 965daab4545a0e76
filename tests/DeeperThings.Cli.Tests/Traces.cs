using System.Text.Json;

namespace DeeperThings.Cli.Tests;

/// <summary>Laws of the timelines that <c>run</c> and <c>simulate</c> write.</summary>
public sealed class Traces : TemporaryFolder
{
    private const int Ranks = 3;

    /// <summary>One step of one rank; microseconds.</summary>
    private sealed record Step(int Rank, string Name, double Begin, double End, double Processor, JsonElement Arguments)
    {
        public int? Tag => Arguments.TryGetProperty("tag", out JsonElement tag) ? tag.GetInt32() : null;

        public long Bytes(string name) => Arguments.GetProperty(name).GetInt64();
    }

    [Fact]
    public void A_measured_timeline_has_one_clock_and_the_planned_bytes()
    {
        (JsonElement[] events, string plan) = Run();
        Dictionary<int, double> errors = events.Where(found => Phase(found) == "M").ToDictionary(Pid, found => found.GetProperty("args").GetProperty("clockErrorMicroseconds").GetDouble());
        Assert.Equal(Enumerable.Range(0, Ranks), errors.Keys.Order());
        Assert.Equal(0, errors[0]);
        Step[] steps = Steps(events);
        Assert.Equal(0, steps.Min(step => step.Begin));
        foreach (var ofRank in steps.GroupBy(step => step.Rank))
        {
            Assert.All(ofRank.Zip(ofRank.Skip(1)), pair => Assert.InRange(pair.Second.Begin, pair.First.End - 0.01, double.PositiveInfinity));

            // Of all steps together: an interrupt between the two clocks' readings counts in one step here and in the next there.
            Assert.InRange(ofRank.Sum(step => step.Processor), 1, ofRank.Last().End - ofRank.First().Begin + (0.01 * ofRank.Count()));
        }

        Assert.All(steps, step => Assert.InRange(step.Processor, 0, double.PositiveInfinity));
        Assert.Contains(steps, step => step.Name.EndsWith("compute", StringComparison.Ordinal) && step.Processor > 0.5 * (step.End - step.Begin));

        Step[] moving = [.. steps.Where(step => step.Tag is not null)];
        Assert.NotEmpty(moving);
        Assert.All(moving, step => Assert.Equal((step.Bytes("bytesSent"), step.Bytes("bytesReceived")), (step.Bytes("bytesSentCounted"), step.Bytes("bytesReceivedCounted"))));
        JsonElement counts = JsonDocument.Parse(File.ReadAllText(plan)).RootElement.GetProperty("counts");
        Assert.Equal(counts.GetProperty("bytesSent").EnumerateArray().Select(bytes => bytes.GetInt64()), Enumerable.Range(0, Ranks).Select(rank => moving.Where(step => step.Rank == rank).Sum(step => step.Bytes("bytesSent"))));

        // In an exchange of all with all nobody is done before everybody has begun, on any clock that is right.
        foreach (var exchange in moving.GroupBy(step => step.Tag).Where(exchange => exchange.Count() == Ranks && exchange.All(step => step.Bytes("bytesSent") > 0 && step.Bytes("bytesReceived") > 0)))
        {
            Assert.All(exchange, done => Assert.All(exchange, begun => Assert.True(done.End >= begun.Begin - errors[done.Rank] - errors[begun.Rank] - 0.01, $"{done} {begun}")));
        }
    }

    [Fact]
    public void A_predicted_timeline_has_the_same_steps_as_the_measured_one()
    {
        (JsonElement[] measured, string plan) = Run();
        string path = PathOf("predicted.json");
        Command.Run("simulate", Signs.Model, "--plan", plan, "--cluster", "six-pi3-100mbit", "--trace", path).Succeeded();
        JsonElement[] predicted = Events(path);
        Assert.Equal(Steps(measured).Select(step => (step.Rank, step.Name, step.Tag)), Steps(predicted).Select(step => (step.Rank, step.Name, step.Tag)));
        Assert.DoesNotContain(predicted, found => found.TryGetProperty("tdur", out _));
        Assert.All(predicted.Where(found => Phase(found) == "M"), name => Assert.EndsWith("predicted)", name.GetProperty("args").GetProperty("name").GetString(), StringComparison.Ordinal));
    }

    private (JsonElement[] Events, string Plan) Run()
    {
        string plan = Signs.Plan(Folder, Ranks, "layer-output");
        string trace = PathOf("trace.json");
        Command.Mpiexec(Ranks, "run", Signs.Model, "--plan", plan, "--input", Path.Combine(Signs.Samples, "sample0001.jpg"), "--output", PathOf("results"), "--repeat", "3", "--trace", trace).Succeeded();
        return (Events(trace), plan);
    }

    private static JsonElement[] Events(string path) => [.. JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("traceEvents").EnumerateArray()];

    private static Step[] Steps(JsonElement[] events) => [.. events.Where(found => Phase(found) == "X").Select(found => new Step(
        Pid(found), found.GetProperty("name").GetString()!, found.GetProperty("ts").GetDouble(), found.GetProperty("ts").GetDouble() + found.GetProperty("dur").GetDouble(),
        found.TryGetProperty("tdur", out JsonElement processor) ? processor.GetDouble() : double.NaN, found.GetProperty("args")))];

    private static string Phase(JsonElement found) => found.GetProperty("ph").GetString()!;

    private static int Pid(JsonElement found) => found.GetProperty("pid").GetInt32();
}
