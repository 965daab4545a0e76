using System.Globalization;
using System.Text;

namespace DeeperThings.Evaluate;

/// <summary>Measurements as Markdown.</summary>
/// <param name="runs">On hosts of one speed.</param>
/// <param name="front">The predicted front of a network, where there is one.</param>
internal sealed class Tables(IReadOnlyList<Turns> runs, Func<string, Front> front)
{
    // Seconds of bytes, in which milliseconds that hosts wait for each other hardly count.
    private const double LongExchanges = 0.5;

    private readonly StringBuilder _text = new();
    private readonly Measurement[] _runs = [.. runs.Select(run => run.Middle)];
    private readonly Measurement[] _schedules = [.. runs.Select(run => run.Middle).Where(run => run.Part == Part.Schedules)];

    public static string Of(IReadOnlyList<Turns> runs, Func<string, Front> front) => new Tables(runs, front).Write();

    private string Write()
    {
        if (_runs.Length == 0)
        {
            return "Nothing has been measured yet.\n";
        }

        Line($"Each host has {_runs[0].Cpu} % of a core; ranks are native code with one thread each; synthetic weights.");
        Line("");
        Overall();
        Gains();
        Fronts();
        Uneven();
        foreach (var ofNetwork in _schedules.GroupBy(measurement => measurement.Network))
        {
            Line($"### {ofNetwork.Key}");
            Line("");
            foreach (var atRate in ofNetwork.Where(measurement => measurement.Ranks > 1).GroupBy(measurement => measurement.Rate))
            {
                SecondsOverRanks(atRate.Key, [.. OneDevice(ofNetwork.Key), .. atRate]);
            }

            foreach (var atRate in ofNetwork.Where(measurement => measurement.Ranks > 1).GroupBy(measurement => measurement.Rate))
            {
                Details(atRate.Key, [.. atRate]);
            }
        }

        return _text.ToString();
    }

    private void Overall()
    {
        Row("over all runs", "median", "worst", "together", "runs");
        Row("---", "---", "---", "---", "---");
        foreach (var atRate in _runs.GroupBy(measurement => measurement.Rate))
        {
            Summary($"predicted against measured seconds, error, {atRate.Key}", atRate, Error, measurement => measurement.Seconds, "P1");
        }

        foreach (var atRate in runs.Where(run => run.Spread is not null).GroupBy(run => run.Middle.Rate))
        {
            Summary($"slowest over fastest turn of the same run, {atRate.Key}", atRate, run => run.Spread!.Value, run => run.Middle.Seconds, "F2");
        }

        foreach (var atRate in _runs.Where(measurement => measurement.StolenShare is not null).GroupBy(measurement => measurement.Rate))
        {
            Summary($"processor time that other machines took during a run, {atRate.Key}", atRate, measurement => measurement.StolenShare!.Value, measurement => measurement.Seconds, "P1");
        }

        foreach (var atRate in _runs.Where(measurement => measurement.Rate != Stage.Unlimited && measurement.BusiestBytes > 0).GroupBy(measurement => measurement.Rate))
        {
            Wire($"time on the wire over bytes / measured rate, {atRate.Key}: busiest link, busier direction", atRate, measurement => measurement.BusiestBytes);
            Wire("busiest link, both directions one after the other", atRate, measurement => measurement.BusiestBytesBothWays);
            Wire("busiest link of each exchange, one exchange after the other", atRate, measurement => measurement.ExchangeBytes);
            Wire("the same, where these take half a second or more", atRate.Where(measurement => measurement.LinkSeconds(measurement.ExchangeBytes) >= LongExchanges), measurement => measurement.ExchangeBytes);
        }

        Summary("counted by the interfaces over planned bytes, busiest link", _runs.Where(measurement => measurement.BusiestBytes > 0), Counted, measurement => measurement.BusiestBytes, "F3");
        Row("bytes and footprint of every rank as planned", "", "", "", $"{_runs.Count(measurement => measurement.AsPlanned)} of {_runs.Length}");
        Line("");
    }

    private void Gains()
    {
        Row("joint plan against", "network", "rate", "N", "end to end, times faster", "on the wire, times less");
        Row("---", "---", "---", "---", "---", "---");
        foreach (Measurement joint in _schedules.Where(measurement => measurement.Schedule == Schedule.Joint && measurement.Ranks == MostRanks(measurement)))
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

    private void Fronts()
    {
        foreach (var ofNetwork in _runs.Where(measurement => measurement.Part == Part.Front).GroupBy(measurement => measurement.Network))
        {
            Measurement first = ofNetwork.First();
            Line($"What a limit costs: {ofNetwork.Key} on {first.Ranks} ranks, {first.Rate}:");
            Line("");
            Row("limit, MB", "largest footprint, MB", "seconds", "predicted", "error", "planner's front, s");
            Row("---", "---", "---", "---", "---", "---");
            foreach (Measurement measured in ofNetwork.OrderBy(measurement => measurement.FootprintBytes))
            {
                FrontPoint? planned = front(ofNetwork.Key).Points.LastOrDefault(point => point.FootprintBytes <= measured.FootprintLimitBytes);
                Row(
                    $"{measured.FootprintLimitBytes / 1e6:F2}",
                    $"{measured.FootprintBytes / 1e6:F2}",
                    $"{measured.Seconds:F3}",
                    $"{measured.PredictedSeconds:F3}",
                    $"{Error(measured):P1}",
                    planned is null ? "–" : $"{planned.Seconds:F3}");
            }

            Line("");
        }
    }

    private void Uneven()
    {
        Measurement[] uneven = [.. _runs.Where(measurement => measurement.Part == Part.Uneven)];
        if (uneven.Length == 0)
        {
            return;
        }

        Line("One device at half speed:");
        Line("");
        Row("network", "N", "rate", "plan for even devices, s", "predicted", "plan for these devices, s", "predicted", "times faster");
        Row("---", "---", "---", "---", "---", "---", "---", "---");
        foreach (Measurement even in uneven.Where(measurement => measurement.Schedule == Schedule.ForEvenHosts))
        {
            if (Find(even, Schedule.ForTheseHosts) is { } aware)
            {
                Row(even.Network, $"{even.Ranks}", even.Rate, $"{even.Seconds:F3}", $"{even.PredictedSeconds:F3}", $"{aware.Seconds:F3}", $"{aware.PredictedSeconds:F3}", $"{even.Seconds / aware.Seconds:F2}");
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

    private void Details(string rate, IReadOnlyList<Measurement> atRate)
    {
        int most = atRate.Max(measurement => measurement.Ranks);
        double? one = OneDevice(atRate[0].Network).FirstOrDefault()?.Seconds;
        Line($"{most} ranks, {rate}:");
        Line("");
        Row("schedule", "seconds", "predicted", "error", "faster than one device", "s on the wire", "bytes / rate: busiest link, both ways, exchange by exchange, s", "busiest link planned, MB", "counted, MB", "all links, MB", "largest footprint, MB");
        Row("---", "---", "---", "---", "---", "---", "---", "---", "---", "---", "---");
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
                string.Join(", ", new[] { measured.BusiestBytes, measured.BusiestBytesBothWays, measured.ExchangeBytes }.Select(bytes => $"{measured.LinkSeconds(bytes):F3}")),
                $"{measured.BusiestBytes / 1e6:F2}",
                $"{CountedBytes(measured) / 1e6:F2}",
                $"{measured.TotalBytes / 1e6:F1}",
                $"{measured.FootprintBytes / 1e6:F1}{limit}");
        }

        Line("");
    }

    /// <summary>One device uses no link: its run at any rate is its run at all.</summary>
    private IEnumerable<Measurement> OneDevice(string network) => _schedules.Where(measurement => measurement.Network == network && measurement.Schedule == Schedule.OneDevice).Take(1);

    private Measurement? Find(Measurement like, string schedule) => _runs.FirstOrDefault(measurement =>
        measurement.Part == like.Part && measurement.Schedule == schedule && measurement.Network == like.Network && measurement.Rate == like.Rate && measurement.Ranks == like.Ranks);

    private int MostRanks(Measurement like) => _schedules.Where(measurement => measurement.Network == like.Network && measurement.Rate == like.Rate).Max(measurement => measurement.Ranks);

    private static double Error(Measurement measurement) => Math.Abs(measurement.PredictedSeconds - measurement.Seconds) / measurement.Seconds;

    private static double Counted(Measurement measurement) => CountedBytes(measurement) / measurement.BusiestBytes;

    /// <summary>Per inference, in the busier direction of the link that is the busiest by plan.</summary>
    private static double CountedBytes(Measurement measurement) => measurement.Links.MaxBy(link => link.BusierPlanned)!.BusierCounted / (double)measurement.Inferences;

    private void Wire(string what, IEnumerable<Measurement> over, Func<Measurement, long> bytes)
    {
        double Least(Measurement measurement) => measurement.LinkSeconds(bytes(measurement));
        Summary(what, over, measurement => measurement.WireSeconds / Least(measurement), Least, "F2");
    }

    /// <summary>A row of ratios: their median, the worst, and that of all runs together.</summary>
    /// <param name="whole">Of what <paramref name="ratio"/> is a part or a multiple.</param>
    private void Summary<T>(string what, IEnumerable<T> over, Func<T, double> ratio, Func<T, double> whole, string format)
    {
        T[] summed = [.. over];
        double[] sorted = [.. summed.Select(ratio).Order()];
        string Show(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        Row(
            what,
            sorted.Length == 0 ? "–" : Show(sorted[sorted.Length / 2]),
            sorted.Length == 0 ? "–" : Show(sorted[^1]),
            sorted.Length == 0 ? "–" : Show(summed.Sum(run => ratio(run) * whole(run)) / summed.Sum(whole)),
            $"{sorted.Length}");
    }

    private void Row(params IEnumerable<string> cells) => Line($"| {string.Join(" | ", cells)} |");

    private void Line(string text) => _text.Append(text).Append('\n');
}
