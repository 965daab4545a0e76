using DeeperThings.Cli.Pictures;

namespace DeeperThings.Evaluate;

/// <summary>Measurements as pictures, each with a panel for each network.</summary>
internal static class Plots
{
    private const string Ideal = "N times faster";
    private const string Grey = "#7d8590";

    /// <summary>Name of each picture, without folder, and its SVG.</summary>
    /// <param name="measurements">What was measured.</param>
    /// <param name="rate">Of the links.</param>
    /// <param name="front">The predicted front of a network, where there is one.</param>
    public static IEnumerable<(string Name, string Svg)> Of(IReadOnlyList<Measurement> measurements, string rate, Func<string, Front> front)
    {
        var networks = measurements.Where(measurement => measurement.Part == Part.Schedules).GroupBy(measurement => measurement.Network)
            .Select(ofNetwork => (One: ofNetwork.FirstOrDefault(measurement => measurement.Schedule == Schedule.OneDevice), Several: ofNetwork.Where(measurement => measurement.Rate == rate && measurement.Ranks > 1).ToList()))
            .Where(network => network.One is not null && network.Several.Count > 0)
            .ToList();
        if (networks.Count > 0)
        {
            yield return ("speed-up.svg", new Panels($"Speed-up over one device, links of {rate}", [.. networks.Select(network => new LineChart(
                network.One!.Network, "devices", "times faster", [IdealTo(network.Several.Max(measurement => measurement.Ranks)), .. OverRanks(network.Several, network.One, measurement => network.One.Seconds / measurement.Seconds)]))]).Draw());
            yield return ("memory.svg", new Panels("Memory of a device: weights and arena", [.. networks.Select(network => new LineChart(
                network.One!.Network, "devices", "largest footprint, MB", OverRanks(network.Several, network.One, measurement => measurement.FootprintBytes / 1e6)))]).Draw());
        }

        LineChart[] fronts = [.. measurements.Where(measurement => measurement.Part == Part.Front).GroupBy(measurement => measurement.Network).Select(ofNetwork => FrontOf([.. ofNetwork], front(ofNetwork.Key)))];
        if (fronts.Length > 0)
        {
            yield return ("front.svg", new Panels("What a limit on memory costs", fronts).Draw());
        }
    }

    private static LineChart FrontOf(IReadOnlyList<Measurement> measured, Front predicted) => new(
        $"{measured[0].Network} on {measured[0].Ranks} devices, {measured[0].Rate}", "largest footprint of a device, MB", "seconds per inference",
        [
            new("predicted", [.. predicted.Points.Select(point => (point.FootprintBytes / 1e6, point.Seconds))], Steps: true) { HasMarks = false, Colour = Palette.Of(0) },
            new("measured", [.. measured.Select(measurement => (measurement.FootprintBytes / 1e6, measurement.Seconds))]) { HasLine = false, Colour = Palette.Of(1) },
        ]);

    private static Series IdealTo(int ranks) => new(Ideal, [(1, 1), (ranks, ranks)], Dashed: true) { HasMarks = false, Colour = Grey };

    private static Series[] OverRanks(IReadOnlyList<Measurement> several, Measurement one, Func<Measurement, double> value) =>
    [
        .. Schedule.All.Where(schedule => !schedule.IsOneDevice).Select((schedule, index) => new Series(
            schedule.Name,
            [(1, value(one)), .. several.Where(measurement => measurement.Schedule == schedule.Name).OrderBy(measurement => measurement.Ranks).Select(measurement => ((double)measurement.Ranks, value(measurement)))])
        {
            Colour = Palette.Of(index),
        }).Where(series => series.Points.Count > 1),
    ];
}
