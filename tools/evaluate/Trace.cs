using System.Text.Json;

namespace DeeperThings.Evaluate;

/// <summary>What a timeline says about the wire.</summary>
internal static class Trace
{
    /// <summary>
    /// In how much of the inference an exchange is on the wire: from the moment at which the last of its ranks has come to it to its end. Waits for slower ranks
    /// do not count, and what several exchanges share counts once.
    /// </summary>
    /// <param name="path">Chrome trace of a run, whose events of one exchange have the same <c>args.tag</c>.</param>
    public static double WireSeconds(string path)
    {
        using JsonDocument trace = JsonDocument.Parse(File.ReadAllText(path));
        double covered = 0;
        double end = double.NegativeInfinity;
        foreach ((double From, double To) exchange in trace.RootElement.GetProperty("traceEvents").EnumerateArray()
            .Where(step => step.TryGetProperty("args", out JsonElement args) && args.TryGetProperty("tag", out JsonElement tag) && tag.ValueKind == JsonValueKind.Number)
            .GroupBy(step => step.GetProperty("args").GetProperty("tag").GetInt32())
            .Select(exchange => (From: exchange.Max(Begin), To: exchange.Max(End)))
            .OrderBy(exchange => exchange.From))
        {
            covered += Math.Max(0, exchange.To - Math.Max(exchange.From, end));
            end = Math.Max(end, exchange.To);
        }

        return covered / 1e6;
    }

    private static double Begin(JsonElement step) => step.GetProperty("ts").GetDouble();

    private static double End(JsonElement step) => Begin(step) + step.GetProperty("dur").GetDouble();
}
