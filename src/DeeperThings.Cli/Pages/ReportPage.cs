using DeeperThings.Cli.Pictures;
using DeeperThings.Cli.Verbs;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Vision;

namespace DeeperThings.Cli.Pages;

/// <summary>One page that needs nothing else: no script but the zoom of the timelines, no request.</summary>
internal sealed class ReportPage
{
    /// <summary>More pictures would make the page too large to send around; what was found in them is listed.</summary>
    private const int MostPictures = 12;

    private const string Head = """
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
        <style>
        :root{--paper:#fff;--ink:#1f2328;--faint:#59636e;--rule:#d1d9e0;--soft:#f6f8fa;--accent:#0969da}
        @media(prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--faint:#9198a1;--rule:#3d444d;--soft:#151b23;--accent:#4493f8}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
        header,main,footer{max-width:1180px;margin:0 auto;padding:0 24px}
        header{padding-top:36px}
        h1{font-size:28px;line-height:1.25;margin:0 0 4px}
        h2{font-size:20px;margin:44px 0 12px;padding-bottom:6px;border-bottom:1px solid var(--rule)}
        p{margin:6px 0 12px;max-width:80ch}
        .faint,footer,caption{color:var(--faint)}
        footer{padding:32px 24px 40px;font-size:13px}
        nav a{color:var(--accent);margin-right:18px}
        dl.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px;margin:22px 0}
        dl.facts div{background:var(--soft);border:1px solid var(--rule);border-radius:8px;padding:12px 14px}
        dt{font-size:13px;color:var(--faint)}
        dd{margin:2px 0 0;font-size:20px;font-weight:600}
        dd small{display:block;font-size:12px;font-weight:400;color:var(--faint)}
        .scroll{overflow-x:auto;margin:12px 0}
        table{border-collapse:collapse;font-size:13.5px;min-width:100%}
        caption{text-align:left;padding-bottom:6px;max-width:90ch}
        th,td{padding:5px 14px 5px 0;border-bottom:1px solid var(--rule);text-align:left;font-weight:400;white-space:nowrap;vertical-align:top}
        thead th{font-weight:600;font-size:12.5px}
        .n{text-align:right;font-variant-numeric:tabular-nums}
        td:last-child,th:last-child{padding-right:0}
        summary{cursor:pointer;color:var(--accent);margin:8px 0}
        svg{display:block}
        .drawing svg{max-width:100%;height:auto;border:1px solid var(--rule);border-radius:8px}
        .lanes{border:1px solid var(--rule);border-radius:8px;padding:10px 12px}
        .lanes .row{display:flex;align-items:center;gap:10px}
        .lanes .who{flex:0 0 140px;font-size:12px;color:var(--faint);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
        .lanes .track{flex:1;min-width:0}
        .lanes .window{overflow-x:auto;padding-bottom:2px}
        .lanes svg{width:calc(100% * var(--zoom,1));min-width:100%}
        .timeline .faint{fill:var(--faint)}
        .timeline .rule{stroke:var(--rule)}
        .key span{display:inline-block;margin-right:18px;font-size:13px}
        .key i{display:inline-block;width:12px;height:12px;border-radius:2px;margin-right:6px;vertical-align:-1px}
        label{font-size:13px}
        input[type=range]{vertical-align:middle;width:220px}
        .found{display:grid;grid-template-columns:repeat(auto-fill,minmax(260px,1fr));gap:18px}
        figure{margin:0}
        figure img{width:100%;height:auto;border-radius:8px;display:block;background:var(--soft)}
        figcaption{font-size:13px;margin-top:6px}
        figcaption b{display:block}
        @media print{nav,.zoom{display:none}}
        </style>
        """;

    private const string Zoom = """
        <script>
        document.querySelectorAll('.zoom').forEach(function(z){z.hidden=false;z.querySelector('input').addEventListener('input',function(e){document.documentElement.style.setProperty('--zoom',e.target.value)})});
        </script>
        """;

    private readonly Html _page = new();
    private readonly ReportContents _contents;
    private readonly Network _network;
    private readonly Plan _plan;
    private readonly RankProgram[] _programs;

    private ReportPage(ReportContents contents)
    {
        _contents = contents;
        _network = contents.Network;
        _plan = contents.Plan;
        _programs = _plan.ProgramsFor(_network);
    }

    public static string Of(ReportContents contents) => new ReportPage(contents).Write();

    private string Write()
    {
        string title = $"{_plan.Model} on {_plan.Ranks} ranks";
        _page.Raw("<!DOCTYPE html>").Raw("<html lang=\"en\"><head>").Raw($"<title>{Html.Escape(title)}</title>").Raw(Head).Raw("</head><body>");
        _page.Raw($"<header><h1>{Html.Escape(title)}</h1><p class=\"faint\">{Html.Escape(Subtitle())}</p>");
        _page.Raw("<nav aria-label=\"Sections\"><a href=\"#plan\">Plan</a><a href=\"#memory\">Memory</a><a href=\"#links\">Links</a><a href=\"#timeline\">Timeline</a><a href=\"#found\">Found</a></nav></header><main>");
        WriteFacts();
        WritePlan();
        WriteMemory();
        WriteLinks();
        WriteTimelines();
        WritePictures();
        _page.Raw($"</main><footer>Model {Html.Escape(Short(_plan.ModelDigest))}, {(_plan.WeightsDigests is null ? "planned without its weights" : "with a digest of each rank's weights")}. Bytes and seconds are those of one inference; MB are 10⁶ bytes.</footer>");
        return _page.Raw(Zoom).Raw("</body></html>").ToString();
    }

    private string Subtitle()
    {
        string made = _plan.Prediction is { } prediction
            ? $"A plan for the least {prediction.Objective} on {prediction.Cluster}, {(prediction.Optimal ? "proven optimal" : "not proven optimal")}"
            : $"A plan by the rule {PlanText.Describe(_plan.Strategy, _plan.Schedule)}";
        return _contents.Cluster is null ? $"{made}." : $"{made}; predictions are for {_contents.Cluster.Name}.";
    }

    private void WriteFacts()
    {
        _page.Raw("<dl class=\"facts\">");
        if (_contents.Predicted.Count > 0)
        {
            Fact("Predicted", $"{Seconds(_contents.Predicted):F3} s", "per inference");
        }

        if (_contents.Run is { Inputs.Count: > 0 } run)
        {
            Fact("Measured", $"{Statistics.Median([.. run.Inputs.Select(input => input.Seconds)]):F3} s", $"median of {run.Inputs.Count} inputs");
        }
        else if (_contents.Measured.Count > 0)
        {
            Fact("Measured", $"{Seconds(_contents.Measured):F3} s", "the last inference");
        }

        Fact("Largest footprint", $"{_plan.Counts.FootprintBytes.Max() / 1e6:N1} MB", "weights and arena of a rank");
        Fact("Moved", $"{_plan.Counts.BytesSent.Sum() / 1e6:N2} MB", $"in {_plan.Counts.Messages.Sum():N0} messages");
        Fact("Busiest link", $"{Enumerable.Range(0, _plan.Ranks).Max(rank => Math.Max(_plan.Counts.BytesSent[rank], _plan.Counts.BytesReceived[rank])) / 1e6:N2} MB", "in its busier direction");
        if (_contents.Run is { } report)
        {
            bool asPlanned = report.Ranks.All(rank => rank.IsAsPlanned());
            Fact("As planned", asPlanned ? "yes" : "no", "bytes and footprint, to the byte");
        }

        _page.Raw("</dl>");
    }

    private void Fact(string name, FormattableString value, string note) =>
        _page.Raw($"<div><dt>{name}</dt><dd>{Html.Escape(value.ToString(System.Globalization.CultureInfo.InvariantCulture))}<small>{Html.Escape(note)}</small></dd></div>");

    private void Fact(string name, string value, string note) => Fact(name, (FormattableString)$"{value}", note);

    private void WritePlan()
    {
        _page.Raw("<section id=\"plan\"><h2>Plan</h2>");
        (bool predicted, bool measured) = (_contents.Predicted.Count > 0, _contents.Measured.Count > 0);
        LayerTimes before = new(_contents.Predicted);
        LayerTimes after = new(_contents.Measured);
        PlanSummary summary = PlanSummary.Of(_network, _plan);
        _page.Table(
            "layers",
            "How each layer is split, the largest share of a rank in its operations, and milliseconds of the slowest rank, waits included: computes and moves as predicted, computed and moved as measured.",
            ["layer", "strategy", "output lies as", " bytes moved", " share", .. predicted ? (string[])[" computes", " moves"] : [], .. measured ? (string[])[" computed", " moved"] : []],
            summary.Layers.Select(layer => (IReadOnlyList<string>)
            [
                layer.Name, PlanText.Describe(layer.Strategy), layer.Output, $"{layer.BytesSent:N0}", layer.LargestShare == 0 ? string.Empty : $"{layer.LargestShare:P1}",
                .. predicted ? before.Of(layer.Index) : [],
                .. measured ? after.Of(layer.Index) : [],
            ]));
        _page.Raw("<details open><summary>Who holds what of each feature map</summary><div class=\"drawing\">").Raw(PlanPicture.Draw(_network, _plan)).Raw("</div></details></section>");
    }

    private void WriteMemory()
    {
        _page.Raw("<section id=\"memory\"><h2>Memory</h2>");
        _page.Table(
            "ranks",
            "Bytes of each rank: what the plan says, what was allocated, and the most that its process had.",
            [" rank", "host", " footprint planned", " of these weights", .. _contents.Run is null ? (string[])[] : [" allocated", " peak resident"]],
            Enumerable.Range(0, _plan.Ranks).Select(rank => (IReadOnlyList<string>)
            [
                $"{rank}", HostOf(rank), $"{_plan.Counts.FootprintBytes[rank]:N0}", $"{_plan.Counts.WeightsBytes[rank]:N0}",
                .. _contents.Run is { } run ? (string[])[$"{run.Ranks[rank].FootprintBytesAllocated:N0}", $"{run.Ranks[rank].PeakResidentBytes:N0}"] : [],
            ]));
        _page.Raw("<div class=\"drawing\">").Raw(RankBars.Draw($"Footprint of each rank of {_plan.Model}", "MB", _plan.Ranks, [("weights", rank => _plan.Counts.WeightsBytes[rank] / 1e6), ("arena", rank => (_plan.Counts.FootprintBytes[rank] - _plan.Counts.WeightsBytes[rank]) / 1e6)])).Raw("</div></section>");
    }

    private void WriteLinks()
    {
        _page.Raw("<section id=\"links\"><h2>Links</h2>");
        double inferences = _contents.Run is { } run && _plan.Counts.BytesSent.Sum() > 0 ? run.Ranks.Sum(rank => rank.BytesSentPlanned) / (double)_plan.Counts.BytesSent.Sum() : 1;
        _page.Table(
            "links-table",
            "Bytes that each rank sends and receives.",
            [" rank", " sent planned", " received planned", " messages", .. _contents.Run is null ? (string[])[] : [" sent counted", " received counted"]],
            Enumerable.Range(0, _plan.Ranks).Select(rank => (IReadOnlyList<string>)
            [
                $"{rank}", $"{_plan.Counts.BytesSent[rank]:N0}", $"{_plan.Counts.BytesReceived[rank]:N0}", $"{_plan.Counts.Messages[rank]:N0}",
                .. _contents.Run is { } report ? (string[])[$"{report.Ranks[rank].BytesSent / inferences:N0}", $"{report.Ranks[rank].BytesReceived / inferences:N0}"] : [],
            ]));
        if (_plan.Ranks is > 1 and <= 16)
        {
            long[,] between = BytesBetween();
            _page.Table(
                "pairs",
                "MB from each rank (row) to each other one (column).",
                ["from", .. Enumerable.Range(0, _plan.Ranks).Select(rank => $" to {rank}")],
                Enumerable.Range(0, _plan.Ranks).Select(from => (IReadOnlyList<string>)[$"rank {from}", .. Enumerable.Range(0, _plan.Ranks).Select(to => from == to ? "–" : $"{between[from, to] / 1e6:N3}")]));
        }

        _page.Raw("</section>");
    }

    private long[,] BytesBetween()
    {
        var bytes = new long[_plan.Ranks, _plan.Ranks];
        foreach (RankProgram program in _programs)
        {
            foreach (Message message in program.Steps.SelectMany(step => step switch { RedistributeStep move => move.Sends, ReduceScatterStep reduce => reduce.Sends, _ => [] }))
            {
                bytes[program.Rank, message.Peer] += message.Bytes;
            }
        }

        return bytes;
    }

    private void WriteTimelines()
    {
        _page.Raw("<section id=\"timeline\"><h2>Timeline</h2>");
        double span = Math.Max(Span(_contents.Predicted), Span(_contents.Measured));
        if (span == 0)
        {
            _page.Raw("<p>No timeline: give <code>--cluster</code> for a prediction, <code>--trace</code> for a measured one.</p></section>");
            return;
        }

        _page.Raw($"<p class=\"key\">{string.Concat(Timeline.Kinds.Select(kind => $"<span><i style=\"background:{kind.Colour}\"></i>{kind.Name}</span>"))}</p>");
        _page.Raw("<p class=\"zoom\" hidden><label>Zoom <input type=\"range\" min=\"1\" max=\"40\" step=\"0.5\" value=\"1\"></label></p>");
        foreach ((string name, IReadOnlyList<TraceEvent> events) in new[] { ("Predicted", _contents.Predicted), ("Measured", _contents.Measured) }.Where(timeline => timeline.Item2.Count > 0))
        {
            double error = events.Max(found => found.Args.ClockErrorMicroseconds) ?? 0;
            string clocks = name == "Measured" ? $" The ranks' clocks are compared to within {error.ToString("F0", System.Globalization.CultureInfo.InvariantCulture)} µs." : string.Empty;
            _page.Raw($"<h3>{name}</h3><p class=\"faint\">{(Span(events) / 1e6).ToString("F3", System.Globalization.CultureInfo.InvariantCulture)} s, on the same scale as the other.{clocks} Point at a step to read what it is.</p>");
            _page.Raw(Timeline.Draw($"{name} timeline", events, _plan.Ranks, span));
        }

        _page.Raw("</section>");
    }

    private void WritePictures()
    {
        _page.Raw("<section id=\"found\"><h2>Found</h2>");
        if (_contents.Pictures.Count == 0)
        {
            _page.Raw("<p>No run: give <code>--run</code> with the folder of its results.</p></section>");
            return;
        }

        _page.Raw("<div class=\"found\">");
        foreach ((int index, ReportPicture picture) in _contents.Pictures.Index())
        {
            string found = Found(picture.Result);
            string image = picture.Png is { } png && index < MostPictures
                ? $"<img src=\"data:image/png;base64,{Convert.ToBase64String(png)}\" alt=\"{Html.Escape($"{picture.Name} with boxes around: {found}")}\">"
                : string.Empty;
            _page.Raw($"<figure>{image}<figcaption><b>{Html.Escape(picture.Name)}</b>{Html.Escape(found)}<br><span class=\"faint\">{(picture.Seconds * 1e3).ToString("F1", System.Globalization.CultureInfo.InvariantCulture)} ms</span></figcaption></figure>");
        }

        _page.Raw("</div></section>");
    }

    private static string Found(Result? result) => result switch
    {
        { Detections: { Count: > 0 } detections } => string.Join(", ", detections.Select(detection => $"{detection.Class} {detection.Confidence:P0}")),
        { Classes: { } classes } => string.Join(", ", classes.Select(found => $"{found.Class} {found.Confidence:P1}")),
        null => "no result file",
        _ => "nothing",
    };

    private string HostOf(int rank) => _contents.Run?.Ranks[rank].Host ?? _contents.Cluster?.Hosts[rank].Name ?? "–";

    private static double Seconds(IReadOnlyList<TraceEvent> events) => Span(events) / 1e6;

    private static double Span(IReadOnlyList<TraceEvent> events) => events.Count == 0 ? 0 : events.Max(found => found.End);

    private static string Short(string digest) => digest.Length > 12 ? digest[..12] : digest;
}
