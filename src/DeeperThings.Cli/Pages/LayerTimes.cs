using System.Globalization;

namespace DeeperThings.Cli.Pages;

/// <summary>Milliseconds of each layer on its slowest rank.</summary>
internal sealed class LayerTimes(IReadOnlyList<TraceEvent> events)
{
    private readonly ILookup<int, TraceEvent> _steps = events.Where(found => found is { Ph: TraceEvent.Step, Args.Layer: not null }).ToLookup(found => found.Args.Layer!.Value);

    /// <summary>To compute the layer, and to move its output.</summary>
    public IEnumerable<string> Of(int layer) => [Slowest(layer, isMove: false), Slowest(layer, isMove: true)];

    private string Slowest(int layer, bool isMove)
    {
        double[] ranks = [.. _steps[layer].Where(step => step.Args.Tag is not null == isMove).GroupBy(step => step.Pid).Select(steps => steps.Sum(step => step.Dur ?? 0))];
        return ranks.Length == 0 ? string.Empty : (ranks.Max() / 1e3).ToString("N2", CultureInfo.InvariantCulture);
    }
}
