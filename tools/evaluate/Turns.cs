using DeeperThings.Ranks;

namespace DeeperThings.Evaluate;

/// <summary>A run that was measured in some turns, as one.</summary>
/// <param name="Middle">What it says in its middle turn, with the medians of seconds, measured and predicted.</param>
/// <param name="Spread">Seconds of the slowest turn over those of the fastest; null where there is one turn only.</param>
internal sealed record Turns(Measurement Middle, double? Spread)
{
    /// <summary>One of each run, in the order in which they were first measured.</summary>
    public static IReadOnlyList<Turns> Of(IEnumerable<Measurement> measurements) => [.. measurements.GroupBy(measurement => measurement.FirstKey).Select(turns => Of([.. turns]))];

    private static Turns Of(IReadOnlyList<Measurement> turns)
    {
        Measurement[] sorted = [.. turns.OrderBy(turn => turn.Seconds)];
        Measurement middle = sorted[(sorted.Length - 1) / 2] with
        {
            Seconds = Statistics.Median([.. turns.Select(turn => turn.Seconds)]),
            PredictedSeconds = Statistics.Median([.. turns.Select(turn => turn.PredictedSeconds)]),
            PeakResidentBytes = turns.Max(turn => turn.PeakResidentBytes),
            AsPlanned = turns.All(turn => turn.AsPlanned),
        };
        return new(middle, turns.Count == 1 ? null : sorted[^1].Seconds / sorted[0].Seconds);
    }
}
