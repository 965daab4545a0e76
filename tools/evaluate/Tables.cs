using System.Globalization;
using System.Text;

namespace DeeperThings.Evaluate;

/// <summary>Measurements as Markdown.</summary>
internal sealed class Tables(IReadOnlyList<Measurement> measurements)
{
    private readonly StringBuilder _text = new();

    public static string Of(IReadOnlyList<Measurement> measurements) => new Tables(measurements).Write();

    private string Write()
    {
        if (measurements.Count == 0)
        {
            return "Nothing has been measured yet.\n";
        }

        Overall();
        foreach (var ofNetwork in measurements.GroupBy(measurement => measurement.Network))
        {
            Line($"### {ofNetwork.Key}");
            Line("");
            foreach (var atRate in ofNetwork.GroupBy(measurement => measurement.Rate))
            {
                SecondsOverRanks(atRate.Key, [.. atRate]);
            }

            foreach (var atRate in ofNetwork.GroupBy(measurement => measurement.Rate))
            {
                Details(atRate.Key, [.. atRate], ofNetwork);
            }
        }

        return _text.ToString();
    }

    private void Overall()
    {
        Measurement[] onWire = [.. measurements.Where(measurement => measurement.Rate != "unlimited" && measurement.BusiestBytes > 0)];
        Row("over all runs", "median", "worst", "runs");
        Row("---", "---", "---", "---");
        Summary("predicted against measured seconds, error", measurements.Select(Error), "P1");
        Summary("time on the wire over bytes of the busiest link / measured rate", onWire.Select(WireRatio), "F2");
        Summary("counted by the interfaces over planned bytes, busiest link", onWire.Select(Counted), "F3");
        Row("bytes and footprint of every rank as planned", "", "", $"{measurements.Count(measurement => measurement.AsPlanned)} of {measurements.Count}");
        Line("");
        Row("joint plan against", "network", "rate", "N", "end to end, times faster", "on the wire, times less");
        Row("---", "---", "---", "---", "---", "---");
        foreach (Measurement joint in measurements.Where(measurement => measurement.Schedule == Schedule.Joint && measurement.Ranks == MostRanks(measurement)))
        {
            foreach (string other in (string[])[Schedule.StarLayerOutput, Schedule.StarOptimum, Schedule.PeersLayerOutput])
            {
                if (Find(joint, other) is { } baseline)
                {
                    Row(other, joint.Network, joint.Rate, $"{joint.Ranks}", $"{baseline.Seconds / joint.Seconds:F2}", joint.WireSeconds > 0 ? $"{baseline.WireSeconds / joint.WireSeconds:F1}" : "–");
                }
            }
        }

        Line("");
    }

    private void SecondsOverRanks(string rate, IReadOnlyList<Measurement> atRate)
    {
        string[] schedules = [.. Schedule.All.Select(schedule => schedule.Name).Where(name => name != Schedule.OneDevice && atRate.Any(measurement => measurement.Schedule == name))];
        Line($"Seconds per inference, {rate}:");
        Line("");
        Row(["N", .. schedules]);
        Row(["---", .. schedules.Select(_ => "---")]);
        foreach (int ranks in atRate.Select(measurement => measurement.Ranks).Distinct().Order())
        {
            Row([$"{ranks}", .. schedules.Select(schedule => atRate.FirstOrDefault(measurement => measurement.Ranks == ranks && (measurement.Schedule == schedule || measurement.Schedule == Schedule.OneDevice)) is { } found ? $"{found.Seconds:F3}" : "–")]);
        }

        Line("");
    }

    private void Details(string rate, IReadOnlyList<Measurement> atRate, IEnumerable<Measurement> ofNetwork)
    {
        int most = atRate.Max(measurement => measurement.Ranks);
        if (most == 1)
        {
            return;
        }

        double? one = ofNetwork.FirstOrDefault(measurement => measurement.Schedule == Schedule.OneDevice && measurement.Rate == rate)?.Seconds;
        Line($"{most} ranks, {rate}:");
        Line("");
        Row("schedule", "seconds", "predicted", "error", "faster than one device", "s on the wire", "busiest link planned, MB", "counted, MB", "all links, MB", "largest footprint, MB");
        Row("---", "---", "---", "---", "---", "---", "---", "---", "---", "---");
        foreach (Measurement measured in Schedule.All.SelectMany(schedule => atRate.Where(measurement => measurement.Ranks == most && measurement.Schedule == schedule.Name)))
        {
            string limit = measured.FootprintLimitBytes is { } bytes ? $" (limit {bytes / 1e6:F1})" : string.Empty;
            Row(
                measured.Schedule,
                $"{measured.Seconds:F3}",
                $"{measured.PredictedSeconds:F3}",
                $"{Error(measured):P1}",
                one is null ? "–" : $"{one / measured.Seconds:F2}",
                $"{measured.WireSeconds:F3}",
                $"{measured.BusiestBytes / 1e6:F2}",
                $"{CountedBytes(measured) / 1e6:F2}",
                $"{measured.TotalBytes / 1e6:F1}",
                $"{measured.FootprintBytes / 1e6:F1}{limit}");
        }

        Line("");
    }

    private Measurement? Find(Measurement like, string schedule) => measurements.FirstOrDefault(measurement =>
        measurement.Schedule == schedule && measurement.Network == like.Network && measurement.Rate == like.Rate && measurement.Ranks == like.Ranks && measurement.Cpu == like.Cpu);

    private int MostRanks(Measurement like) => measurements.Where(measurement => measurement.Network == like.Network && measurement.Rate == like.Rate).Max(measurement => measurement.Ranks);

    private static double Error(Measurement measurement) => Math.Abs(measurement.PredictedSeconds - measurement.Seconds) / measurement.Seconds;

    private static double WireRatio(Measurement measurement) => measurement.WireSeconds * measurement.LinkBytesPerSecond / measurement.BusiestBytes;

    private static double Counted(Measurement measurement) => CountedBytes(measurement) / measurement.BusiestBytes;

    /// <summary>Per inference, in the busier direction of the link that is the busiest by plan.</summary>
    private static double CountedBytes(Measurement measurement)
    {
        LinkBytes link = measurement.Links.MaxBy(link => Math.Max(link.SentPlanned, link.ReceivedPlanned))!;
        return (link.SentPlanned >= link.ReceivedPlanned ? link.SentCounted : link.ReceivedCounted) / (double)measurement.Inferences;
    }

    private void Summary(string what, IEnumerable<double> values, string format)
    {
        double[] sorted = [.. values.Order()];
        string Show(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        Row(what, sorted.Length == 0 ? "–" : Show(sorted[sorted.Length / 2]), sorted.Length == 0 ? "–" : Show(sorted[^1]), $"{sorted.Length}");
    }

    private void Row(params IEnumerable<string> cells) => Line($"| {string.Join(" | ", cells)} |");

    private void Line(string text) => _text.Append(text).Append('\n');
}
