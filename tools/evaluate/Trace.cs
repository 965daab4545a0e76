using System.Text.Json;

namespace DeeperThings.Evaluate;

/// <summary>What a timeline says about the wire.</summary>
/// <param name="WireSeconds">
/// In how much of the inference an exchange is on the wire: from the moment at which the last of its ranks has come to it to its end. Waits for slower ranks
/// do not count, and what several exchanges share counts once. A rank that computes beside an exchange has come to it when it waits for its end: what is hidden does not count.
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
            .Where(step => step.TryGetProperty("args", out JsonElement args) && args.TryGetProperty("kind", out _))
            .GroupBy(step => step.GetProperty("pid").GetInt32())
            .SelectMany(PartsOf)
            .GroupBy(part => part.Tag)
            .Select(exchange => (From: exchange.Max(part => part.From), To: exchange.Max(part => part.To), Bytes: exchange.Max(part => part.Bytes)))
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

    /// <summary>One rank's part in each exchange: of one that only begins in its step, up to the end of the step that ends it.</summary>
    private static List<Part> PartsOf(IEnumerable<JsonElement> ofRank)
    {
        var parts = new List<Part>();
        foreach (JsonElement step in ofRank.OrderBy(Begin))
        {
            JsonElement args = step.GetProperty("args");
            int layer = args.GetProperty("layer").GetInt32();
            if (args.GetProperty("kind").GetString() == "finish")
            {
                for (int i = parts.Count - 1; i >= 0 && parts[i].Layer == layer; i--)
                {
                    parts[i] = parts[i] with { From = Begin(step), To = End(step) };
                }
            }
            else if (args.TryGetProperty("tag", out JsonElement tag) && tag.ValueKind == JsonValueKind.Number)
            {
                parts.Add(new(tag.GetInt32(), layer, Begin(step), End(step), Math.Max(Bytes(args, "bytesSent"), Bytes(args, "bytesReceived"))));
            }
        }

        return parts;
    }

    private static double Begin(JsonElement step) => step.GetProperty("ts").GetDouble();

    private static double End(JsonElement step) => Begin(step) + step.GetProperty("dur").GetDouble();

    private static long Bytes(JsonElement args, string name) => args.TryGetProperty(name, out JsonElement bytes) ? bytes.GetInt64() : 0;

    private sealed record Part(int Tag, int Layer, double From, double To, long Bytes);
}
