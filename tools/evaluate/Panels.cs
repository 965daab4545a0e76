using DeeperThings.Cli.Pictures;

namespace DeeperThings.Evaluate;

/// <summary>Charts of the same lines side by side, under one title and one legend.</summary>
/// <param name="Title">Of all.</param>
/// <param name="Charts">One for each network; a line has the same name and colour in all.</param>
internal sealed record Panels(string Title, IReadOnlyList<LineChart> Charts)
{
    private const int Columns = 2;
    private const int Across = 430;
    private const int Down = 304;
    private const int TitleAt = 24;
    private const int Legend = 48;
    private const int Name = 16;
    private const int Gap = 12;

    public string Draw()
    {
        int columns = Math.Min(Columns, Charts.Count);
        int rows = (Charts.Count + columns - 1) / columns;
        Series[] lines = [.. Charts.SelectMany(chart => chart.Lines).DistinctBy(line => line.Name)];
        var legend = new LineChart(Title, string.Empty, string.Empty, lines) { Width = columns * Across };
        int above = legend.DrawLegend(new Svg(0, 0, string.Empty), Legend);
        var svg = new Svg(columns * Across, above + (rows * (Down + Gap)), Title);
        svg.Text(16, TitleAt, Title, size: 16);
        legend.DrawLegend(svg, Legend);
        foreach ((int i, LineChart chart) in Charts.Index())
        {
            int left = i % columns * Across;
            int top = above + (i / columns * (Down + Gap));
            svg.Text(left + 16, top + Name, chart.Title, size: 14);
            (chart with { Width = Across, Height = Down }).DrawPlot(svg, left, top + Name + 18, top);
        }

        return svg.ToString();
    }
}
