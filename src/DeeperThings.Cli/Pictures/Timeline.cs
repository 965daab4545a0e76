using System.Globalization;
using System.Security;
using System.Text;

namespace DeeperThings.Cli.Pictures;

/// <summary>
/// What every rank does when, as HTML with one SVG of all ranks whose places are percentages: a page may stretch it (<c>--zoom</c>) without stretching its text.
/// </summary>
internal static class Timeline
{
    private const int LaneHeight = 26;
    private const int BoxHeight = 20;
    private const int AxisHeight = 22;
    private const int Ticks = 10;
    private const double LeastWidth = 0.02;

    /// <summary>What a colour means.</summary>
    public static readonly IReadOnlyList<(string Kind, string Name, string Colour)> Kinds =
    [
        ("compute", "computes", Palette.Of(0)),
        ("redistribute", "exchanges a feature map, or waits for it", Palette.Of(1)),
        ("finish", "waits for an exchange that it computed beside", Palette.Of(2)),
        ("reduce-scatter", "adds partial sums", Palette.Of(4)),
    ];

    /// <param name="title">For those who do not see it.</param>
    /// <param name="events">Microseconds.</param>
    /// <param name="ranks">Number of ranks.</param>
    /// <param name="span">Microseconds of the whole width.</param>
    public static string Draw(string title, IReadOnlyList<TraceEvent> events, int ranks, double span)
    {
        var text = new StringBuilder();
        text.Append("<div class=\"lanes\"><div class=\"row\" style=\"align-items:flex-start\"><div class=\"who\">");
        for (int rank = 0; rank < ranks; rank++)
        {
            string name = events.FirstOrDefault(found => found.Ph == TraceEvent.Metadata && found.Pid == rank)?.Args.Name ?? $"rank {rank}";
            name = name.Replace(", predicted", string.Empty, StringComparison.Ordinal);
            text.Append(CultureInfo.InvariantCulture, $"<div style=\"height:{LaneHeight}px;line-height:{LaneHeight}px;overflow:hidden;text-overflow:ellipsis\" title=\"{SecurityElement.Escape(name)}\">{SecurityElement.Escape(name)}</div>");
        }

        text.Append("</div><div class=\"track window\" tabindex=\"0\" role=\"region\" aria-label=\"").Append(SecurityElement.Escape(title)).Append("\">\n");
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"timeline\" role=\"img\" height=\"{(ranks * LaneHeight) + AxisHeight}\" font-family=\"system-ui, sans-serif\"><title>{SecurityElement.Escape(title)}</title>\n");
        var axis = new Axis(0, span / 1e3, 0, 100);
        foreach (double milliseconds in axis.Ticks(Ticks))
        {
            double at = axis.Place(milliseconds);
            text.Append(CultureInfo.InvariantCulture, $"<line class=\"rule\" x1=\"{at:F3}%\" x2=\"{at:F3}%\" y1=\"0\" y2=\"{ranks * LaneHeight}\"/><text class=\"faint\" x=\"{at:F3}%\" y=\"{(ranks * LaneHeight) + 16}\" font-size=\"11\" text-anchor=\"{(at < 2 ? "start" : at > 96 ? "end" : "middle")}\">{milliseconds:#,0.###} ms</text>\n");
        }

        foreach (TraceEvent step in events.Where(found => found.Ph == TraceEvent.Step && found.Dur > 0))
        {
            string colour = Kinds.FirstOrDefault(kind => kind.Kind == step.Cat).Colour ?? "#7d8590";
            text.Append(CultureInfo.InvariantCulture, $"<rect x=\"{100 * (step.Ts ?? 0) / span:F4}%\" width=\"{Math.Max(LeastWidth, 100 * (step.Dur ?? 0) / span):F4}%\" y=\"{(step.Pid * LaneHeight) + 3}\" height=\"{BoxHeight}\" fill=\"{colour}\"><title>{SecurityElement.Escape(Describe(step))}</title></rect>\n");
        }

        return text.Append("</svg></div></div></div>").ToString();
    }

    private static string Describe(TraceEvent step)
    {
        string bytes = step.Args.Tag is null ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"; sends {step.Args.BytesSent:N0} bytes, receives {step.Args.BytesReceived:N0}");
        return string.Create(CultureInfo.InvariantCulture, $"rank {step.Pid}: {step.Name}, {step.Dur / 1e3:N3} ms from {step.Ts / 1e3:N3} ms{bytes}");
    }
}
