using System.Text.Json;

namespace DeeperThings.Evaluate;

/// <summary>A fastest plan under a limit, as predicted.</summary>
internal sealed record FrontPoint(long LimitBytes, long FootprintBytes, double Seconds);

/// <summary>The predicted front of a network, from the smallest footprint on.</summary>
internal sealed record Front(IReadOnlyList<FrontPoint> Points)
{
    /// <summary>What <c>plan --pareto --json</c> wrote; without points where there is no file.</summary>
    public static Front Read(string path)
    {
        if (!File.Exists(path))
        {
            return new([]);
        }

        using JsonDocument front = JsonDocument.Parse(File.ReadAllText(path));
        return new([.. front.RootElement.GetProperty("points").EnumerateArray()
            .Select(point => new FrontPoint(point.GetProperty("limitBytes").GetInt64(), point.GetProperty("footprintBytes").GetInt64(), point.GetProperty("seconds").GetDouble()))
            .OrderBy(point => point.FootprintBytes)]);
    }

    /// <summary>At most <paramref name="count"/> of the points, among them both ends, about evenly over the logarithm of the footprint, since the front is steep at its small end.</summary>
    public IReadOnlyList<FrontPoint> Spread(int count)
    {
        if (Points.Count <= count)
        {
            return Points;
        }

        double least = Math.Log(Points[0].FootprintBytes);
        double most = Math.Log(Points[^1].FootprintBytes);
        return [.. Enumerable.Range(0, count)
            .Select(place => least + ((most - least) * place / (count - 1)))
            .Select(place => Points.MinBy(point => Math.Abs(Math.Log(point.FootprintBytes) - place))!)
            .Distinct()];
    }
}
