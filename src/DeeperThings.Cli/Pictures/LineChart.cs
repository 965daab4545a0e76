using System.Globalization;
using System.Text;

namespace DeeperThings.Cli.Pictures;

/// <summary>A line of a chart.</summary>
/// <param name="Steps">Whether a value holds until the next point, instead of changing on the way there.</param>
/// <param name="Dashed">For what is not measured.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points, bool Steps = false, bool Dashed = false)
{
    /// <summary>Where nothing is said, that of its place among the lines.</summary>
    public string? Colour { get; init; }

    /// <summary>Whether points are joined.</summary>
    public bool HasLine { get; init; } = true;

    /// <summary>Whether points are marked.</summary>
    public bool HasMarks { get; init; } = true;
}

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
    private const double Mark = 3.5;

    public int Width { get; init; } = 640;

    public int Height { get; init; } = 400;

    /// <summary>Whether the upward axis starts at zero.</summary>
    public bool FromZero { get; init; } = true;

    /// <summary>Largest numbers of ticks.</summary>
    public (int Across, int Up) TickCounts { get; init; } = (8, 6);

    public string Draw()
    {
        var svg = new Svg(Width, Height, $"{Title}: {Up} over {Across}");
        svg.Text(Left - 48, 24, Title, size: 16);
        if (Lines.All(line => line.Points.Count == 0))
        {
            svg.Text(Width / 2.0, Height / 2.0, "nothing to show", Svg.Faint, "middle");
            return svg.ToString();
        }

        DrawPlot(svg, 0, DrawLegend(svg, Top));
        return svg.ToString();
    }

    /// <summary>Draws the lines' names below <paramref name="top"/>.</summary>
    /// <returns>How far down they reach.</returns>
    public int DrawLegend(Svg svg, int top)
    {
        List<(int X, int Row)> legend = PlaceLegend();
        for (int i = 0; i < Lines.Count; i++)
        {
            int y = top + (LegendRow * legend[i].Row);
            DrawMark(svg, Lines[i], legend[i].X, y - 4, ColourOf(i));
            svg.Text(legend[i].X + LegendMark, y, Lines[i].Name);
        }

        return top + (LegendRow * (legend.Count == 0 ? 0 : legend[^1].Row + 1));
    }

    /// <summary>Draws axes and lines into <see cref="Width"/> × <see cref="Height"/> pixels, of which <paramref name="top"/> stay free above them.</summary>
    public void DrawPlot(Svg svg, int left, int top, int above = 0)
    {
        (double X, double Y)[] points = [.. Lines.SelectMany(line => line.Points)];
        Axis across = Axis.Over([.. points.Select(point => point.X)], left + Left, left + Width - Right);
        Axis up = Axis.Over([.. points.Select(point => point.Y)], above + Height - Bottom, top + 14, FromZero);
        DrawAxes(svg, across, up, top + 14);
        for (int i = 0; i < Lines.Count; i++)
        {
            DrawLine(svg, Lines[i], across, up, ColourOf(i));
        }
    }

    private string ColourOf(int line) => Lines[line].Colour ?? Palette.Of(line);

    private static void DrawMark(Svg svg, Series line, int x, int y, string colour)
    {
        if (line.HasLine)
        {
            svg.Path(Invariant($"M{x} {y}h18"), colour, line.Dashed);
        }
        else
        {
            svg.Circle(x + 9, y, Mark, colour);
        }
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
        (double left, double right, double bottom) = (across.First, across.Last, up.First);
        foreach (double value in up.Ticks(TickCounts.Up))
        {
            svg.Line(left, up.Place(value), right, up.Place(value));
            svg.Text(left - 8, up.Place(value) + 4, Label(value), Svg.Faint, "end");
        }

        foreach (double value in across.Ticks(TickCounts.Across))
        {
            svg.Line(across.Place(value), bottom, across.Place(value), bottom + 4);
            svg.Text(across.Place(value), bottom + 19, Label(value), Svg.Faint, "middle");
        }

        svg.Line(left, bottom, right, bottom);
        svg.Text((left + right) / 2, bottom + Bottom - 12, Across, Svg.Faint, "middle");
        svg.Text(left - 48, top - 8, Up, Svg.Faint);
    }

    private static void DrawLine(Svg svg, Series line, Axis across, Axis up, string colour)
    {
        if (line.HasLine)
        {
            svg.Path(PathOf(line, across, up), colour, line.Dashed);
        }

        foreach ((double x, double y) in line.HasMarks ? line.Points : [])
        {
            svg.Circle(across.Place(x), up.Place(y), Mark, colour);
        }
    }

    private static string PathOf(Series line, Axis across, Axis up)
    {
        var path = new StringBuilder();
        foreach ((int index, (double x, double y)) in line.Points.Select(point => (across.Place(point.X), up.Place(point.Y))).Index())
        {
            path.Append(Invariant(index == 0 ? $"M{x:F1} {y:F1}" : line.Steps ? (FormattableString)$"H{x:F1}V{y:F1}" : $"L{x:F1} {y:F1}"));
        }

        return path.ToString();
    }

    private static string Label(double value) => value.ToString("#,0.####", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
