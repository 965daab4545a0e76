using System.Text.Json;

namespace DeeperThings.Evaluate;

/// <summary>What a timeline says about the wire.</summary>
/// <param name="WireSeconds">
/// In how much of the inference an exchange is on the wire: from the moment at which the last of its ranks has come to it to its end. Waits for slower ranks
/// do not count, and what several exchanges share counts once.
/// </param>
/// <param name="ExchangeBytes">
/// Bytes by plan of the busiest link in its busier direction, of each exchange, summed: exchanges of a rank follow one another, so no less time than this over the rate can be spent on the wire.
/// </param>
internal sealed record Trace(double WireSeconds, long ExchangeBytes)
{
    /// <param name="path">Chrome trace of a run, whose events of one exchange have the same <c>args.tag</c>.</param>
    public static Trace Read(string path)
    {
        using JsonDocument trace = JsonDocument.Parse(File.ReadAllText(path));
        var exchanges = trace.RootElement.GetProperty("traceEvents").EnumerateArray()
            .Where(step => step.TryGetProperty("args", out JsonElement args) && args.TryGetProperty("tag", out JsonElement tag) && tag.ValueKind == JsonValueKind.Number)
            .GroupBy(step => step.GetProperty("args").GetProperty("tag").GetInt32())
            .Select(exchange => (From: exchange.Max(Begin), To: exchange.Max(End), Bytes: exchange.GroupBy(step => step.GetProperty("pid").GetInt32()).Max(BusierDirection)))
            .OrderBy(exchange => exchange.From)
            .ToList();
        double covered = 0;
        double end = double.NegativeInfinity;
        foreach ((double from, double to, _) in exchanges)
        {
            covered += Math.Max(0, to - Math.Max(from, end));
            end = Math.Max(end, to);
        }

        return new(covered / 1e6, exchanges.Sum(exchange => exchange.Bytes));
    }

    private static double Begin(JsonElement step) => step.GetProperty("ts").GetDouble();

    private static double End(JsonElement step) => Begin(step) + step.GetProperty("dur").GetDouble();

    private static long BusierDirection(IEnumerable<JsonElement> ofRank) => Math.Max(ofRank.Sum(step => Bytes(step, "bytesSent")), ofRank.Sum(step => Bytes(step, "bytesReceived")));

    private static long Bytes(JsonElement step, string name) => step.GetProperty("args").TryGetProperty(name, out JsonElement bytes) ? bytes.GetInt64() : 0;
}
