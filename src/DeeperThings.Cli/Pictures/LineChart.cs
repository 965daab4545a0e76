using System.Globalization;
using System.Text;

namespace DeeperThings.Cli.Pictures;

/// <summary>A line of a chart.</summary>
/// <param name="Steps">Whether a value holds until the next point, instead of changing on the way there.</param>
/// <param name="Dashed">For what is not measured.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points, bool Steps = false, bool Dashed = false);

/// <summary>Lines over one axis, as SVG: round ticks, a legend above, readable on a light page as on a dark one.</summary>
internal sealed record LineChart(string Title, string Across, string Up, IReadOnlyList<Series> Lines)
{
    private const int Left = 64;
    private const int Right = 24;
    private const int Top = 44;
    private const int Bottom = 54;
    private const int LegendRow = 20;
    private const int LegendMark = 26;
    private const double CharacterWidth = 6.6;

    public int Width { get; init; } = 640;

    public int Height { get; init; } = 400;

    /// <summary>Whether the upward axis starts at zero.</summary>
    public bool FromZero { get; init; } = true;

    /// <summary>Largest numbers of ticks.</summary>
    public (int Across, int Up) TickCounts { get; init; } = (8, 6);

    public string Draw()
    {
        List<(int X, int Row)> legend = PlaceLegend();
        int top = Top + (LegendRow * (legend.Count == 0 ? 0 : legend[^1].Row + 1)) + 14;
        (double X, double Y)[] points = [.. Lines.SelectMany(line => line.Points)];
        var svg = new Svg(Width, Height, $"{Title}: {Up} over {Across}");
        svg.Text(Left - 48, 24, Title, size: 16);
        if (points.Length == 0)
        {
            svg.Text(Width / 2.0, Height / 2.0, "nothing to show", Svg.Faint, "middle");
            return svg.ToString();
        }

        Axis across = Axis.Over([.. points.Select(point => point.X)], Left, Width - Right);
        Axis up = Axis.Over([.. points.Select(point => point.Y)], Height - Bottom, top, FromZero);
        DrawAxes(svg, across, up, top);
        for (int i = 0; i < Lines.Count; i++)
        {
            DrawLine(svg, Lines[i], across, up, Palette.Of(i));
            int y = Top + (LegendRow * legend[i].Row);
            svg.Path(Invariant($"M{legend[i].X} {y - 4}h18"), Palette.Of(i), Lines[i].Dashed);
            svg.Text(legend[i].X + LegendMark, y, Lines[i].Name);
        }

        return svg.ToString();
    }

    /// <summary>Where each line's name stands: from left to right, in as many rows as it takes.</summary>
    private List<(int X, int Row)> PlaceLegend()
    {
        var places = new List<(int X, int Row)>();
        (int x, int row) = (Left - 48, 0);
        foreach (Series line in Lines)
        {
            int width = LegendMark + (int)(line.Name.Length * CharacterWidth) + 18;
            if (x > Left - 48 && x + width > Width)
            {
                (x, row) = (Left - 48, row + 1);
            }

            places.Add((x, row));
            x += width;
        }

        return places;
    }

    private void DrawAxes(Svg svg, Axis across, Axis up, int top)
    {
        foreach (double value in up.Ticks(TickCounts.Up))
        {
            svg.Line(Left, up.Place(value), Width - Right, up.Place(value));
            svg.Text(Left - 8, up.Place(value) + 4, Label(value), Svg.Faint, "end");
        }

        foreach (double value in across.Ticks(TickCounts.Across))
        {
            svg.Line(across.Place(value), Height - Bottom, across.Place(value), Height - Bottom + 4);
            svg.Text(across.Place(value), Height - Bottom + 19, Label(value), Svg.Faint, "middle");
        }

        svg.Line(Left, Height - Bottom, Width - Right, Height - Bottom);
        svg.Text((Left + Width - Right) / 2.0, Height - 12, Across, Svg.Faint, "middle");
        svg.Text(Left - 48, top - 8, Up, Svg.Faint);
    }

    private static void DrawLine(Svg svg, Series line, Axis across, Axis up, string colour)
    {
        var path = new StringBuilder();
        foreach ((int index, (double x, double y)) in line.Points.Select(point => (across.Place(point.X), up.Place(point.Y))).Index())
        {
            path.Append(Invariant(index == 0 ? $"M{x:F1} {y:F1}" : line.Steps ? (FormattableString)$"H{x:F1}V{y:F1}" : $"L{x:F1} {y:F1}"));
        }

        svg.Path(path.ToString(), colour, line.Dashed);
        foreach ((double x, double y) in line.Points)
        {
            svg.Circle(across.Place(x), up.Place(y), 3.5, colour);
        }
    }

    private static string Label(double value) => value.ToString("#,0.####", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
