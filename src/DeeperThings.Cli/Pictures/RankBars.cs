using System.Globalization;

namespace DeeperThings.Cli.Pictures;

/// <summary>One bar a rank, of stacked parts, as SVG.</summary>
internal static class RankBars
{
    private const int Width = 760;
    private const int Row = 24;
    private const int Left = 70;
    private const int Right = 120;
    private const int Top = 44;

    /// <param name="title">For those who do not see it.</param>
    /// <param name="unit">Of the values.</param>
    /// <param name="ranks">Number of ranks.</param>
    /// <param name="parts">Name of each part, and its value on each rank.</param>
    public static string Draw(string title, string unit, int ranks, IReadOnlyList<(string Name, Func<int, double> Value)> parts)
    {
        double most = Math.Max(1e-9, Enumerable.Range(0, ranks).Max(rank => parts.Sum(part => part.Value(rank))));
        var svg = new Svg(Width, Top + (ranks * Row) + 10, title);
        for (int i = 0; i < parts.Count; i++)
        {
            svg.Box(Left + (i * 110), 16, 12, 12, Palette.Of(i));
            svg.Text(Left + (i * 110) + 18, 26, parts[i].Name);
        }

        for (int rank = 0; rank < ranks; rank++)
        {
            double x = Left;
            int y = Top + (rank * Row);
            svg.Text(Left - 10, y + 13, $"rank {rank}", Svg.Faint, "end");
            for (int i = 0; i < parts.Count; i++)
            {
                double length = (Width - Left - Right) * parts[i].Value(rank) / most;
                svg.Box(x, y, length, 16, Palette.Of(i), tip: string.Create(CultureInfo.InvariantCulture, $"rank {rank}, {parts[i].Name}: {parts[i].Value(rank):N2} {unit}"));
                x += length;
            }

            svg.Text(x + 8, y + 13, string.Create(CultureInfo.InvariantCulture, $"{parts.Sum(part => part.Value(rank)):N1} {unit}"));
        }

        return svg.ToString();
    }
}
