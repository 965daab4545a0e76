using System.Text.Json;
using DeeperThings.Cli.Pictures;

namespace DeeperThings.Evaluate;

/// <summary>Measurements as pictures.</summary>
internal static class Plots
{
    /// <summary>Name of each picture, without folder, and its SVG.</summary>
    /// <param name="measurements">What was measured.</param>
    /// <param name="rate">Of the links.</param>
    /// <param name="front">The predicted front of a network, where there is one: megabytes and seconds.</param>
    public static IEnumerable<(string Name, string Svg)> Of(IReadOnlyList<Measurement> measurements, string rate, Func<string, IReadOnlyList<(double, double)>> front)
    {
        foreach (var ofNetwork in measurements.Where(measurement => measurement.Rate == rate).GroupBy(measurement => measurement.Network))
        {
            Measurement[] all = [.. ofNetwork];
            if (all.FirstOrDefault(measurement => measurement.Schedule == Schedule.OneDevice) is { } one)
            {
                yield return ($"speed-up-{ofNetwork.Key}.svg", new LineChart(
                    $"{ofNetwork.Key}, links of {rate}", "ranks", "times faster than one device", OverRanks(all, one, measurement => one.Seconds / measurement.Seconds)).Draw());
                yield return ($"memory-{ofNetwork.Key}.svg", new LineChart(
                    $"{ofNetwork.Key}", "ranks", "largest footprint of a rank, MB", OverRanks(all, one, measurement => measurement.FootprintBytes / 1e6)).Draw());
            }

            int most = all.Max(measurement => measurement.Ranks);
            Series[] measured = [.. Schedule.All
                .Select(schedule => new Series(schedule.Name, [.. all.Where(measurement => measurement.Schedule == schedule.Name && measurement.Ranks == most).Select(measurement => (measurement.FootprintBytes / 1e6, measurement.Seconds))]))
                .Where(series => series.Points.Count > 0)];
            if (most > 1)
            {
                IReadOnlyList<(double, double)> predicted = front(ofNetwork.Key);
                Series[] lines = predicted.Count > 0 ? [.. measured, new("predicted front", predicted, Steps: true, Dashed: true)] : measured;
                yield return ($"front-{ofNetwork.Key}.svg", new LineChart($"{ofNetwork.Key} on {most} ranks, links of {rate}", "largest footprint of a rank, MB", "seconds per inference", lines).Draw());
            }
        }
    }

    /// <summary>What <c>plan --pareto --json</c> wrote.</summary>
    public static IReadOnlyList<(double, double)> ReadFront(string path) => !File.Exists(path)
        ? []
        : [.. JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("points").EnumerateArray()
            .Select(point => (point.GetProperty("footprintBytes").GetInt64() / 1e6, point.GetProperty("seconds").GetDouble())).OrderBy(point => point.Item1)];

    private static Series[] OverRanks(IReadOnlyList<Measurement> all, Measurement one, Func<Measurement, double> value) =>
    [
        .. Schedule.All.Where(schedule => !schedule.IsOneDevice)
            .Select(schedule => all.Where(measurement => measurement.Schedule == schedule.Name).OrderBy(measurement => measurement.Ranks).Select(measurement => ((double)measurement.Ranks, value(measurement))).ToArray())
            .Zip(Schedule.All.Where(schedule => !schedule.IsOneDevice), (points, schedule) => new Series(schedule.Name, points.Length == 0 ? [] : [(1, value(one)), .. points]))
            .Where(series => series.Points.Count > 0),
    ];
}
