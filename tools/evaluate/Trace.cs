using System.Text.Json;

namespace DeeperThings.Evaluate;

/// <summary>What a timeline says about the wire.</summary>
internal static class Trace
{
    /// <summary>From the moment at which the last rank has come to an exchange to the end of the exchange, over all exchanges; waits for slower ranks do not count.</summary>
    /// <param name="path">Chrome trace of a run, whose events of one exchange have the same <c>args.tag</c>.</param>
    public static double WireSeconds(string path)
    {
        using JsonDocument trace = JsonDocument.Parse(File.ReadAllText(path));
        return trace.RootElement.GetProperty("traceEvents").EnumerateArray()
            .Where(step => step.TryGetProperty("args", out JsonElement args) && args.TryGetProperty("tag", out JsonElement tag) && tag.ValueKind == JsonValueKind.Number)
            .GroupBy(step => step.GetProperty("args").GetProperty("tag").GetInt32())
            .Sum(exchange => Math.Max(0, exchange.Max(End) - exchange.Max(Begin))) / 1e6;
    }

    private static double Begin(JsonElement step) => step.GetProperty("ts").GetDouble();

    private static double End(JsonElement step) => Begin(step) + step.GetProperty("dur").GetDouble();
}
