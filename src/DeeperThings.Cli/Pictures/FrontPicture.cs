using System.Text;
using DeeperThings.Cli.Verbs;
using DeeperThings.Models;

namespace DeeperThings.Cli.Pictures;

/// <summary>The front of seconds over footprint, as SVG: each point holds until the next smaller footprint.</summary>
internal static class FrontPicture
{
    private const int Width = 760;
    private const int Height = 460;
    private const int Left = 70;
    private const int Right = 20;
    private const int Top = 50;
    private const int Bottom = 60;
    private const int Ticks = 6;

    public static void Write(FrontSummary front, string path) => AtomicFile.WriteText(path, Draw(front));

    private static string Draw(FrontSummary front)
    {
        Axis across = Axis.Over([.. front.Points.Select(point => point.FootprintBytes / 1e6)], Left, Width - Right);
        Axis down = Axis.Over([.. front.Points.Select(point => point.Seconds)], Height - Bottom, Top);
        var svg = new Svg(Width, Height);
        svg.Text(Left, 26, $"{front.Model} on {front.Ranks} ranks of {front.Cluster}", size: 16);
        foreach (double value in across.Ticks(Ticks))
        {
            svg.Line(across.Place(value), Top, across.Place(value), Height - Bottom, "#ddd");
            svg.Text(across.Place(value), Height - Bottom + 18, $"{value:0.###}", anchor: "middle");
        }

        foreach (double value in down.Ticks(Ticks))
        {
            svg.Line(Left, down.Place(value), Width - Right, down.Place(value), "#ddd");
            svg.Text(Left - 8, down.Place(value) + 4, $"{value:0.###}", anchor: "end");
        }

        svg.Text((Left + Width - Right) / 2.0, Height - 16, "largest footprint of a rank, MB", anchor: "middle");
        svg.Text(16, Top - 10, "predicted seconds per inference");
        var path = new StringBuilder();
        foreach ((int index, FrontPoint point) in front.Points.Index())
        {
            (double x, double y) = (across.Place(point.FootprintBytes / 1e6), down.Place(point.Seconds));
            path.Append(index == 0 ? $"M{x:F1} {y:F1}" : $"H{x:F1}V{y:F1}");
            svg.Circle(x, y, 4, "#0072b2");
        }

        svg.Path(path.ToString(), "#0072b2");
        return svg.ToString();
    }

    /// <summary>Values from <paramref name="Least"/> to <paramref name="Most"/> on pixels from <paramref name="First"/> to <paramref name="Last"/>.</summary>
    private readonly record struct Axis(double Least, double Most, double First, double Last)
    {
        public static Axis Over(double[] values, double first, double last)
        {
            double margin = Math.Max((values.Max() - values.Min()) * 0.05, values.Max() * 0.01);
            return new(values.Min() - margin, values.Max() + margin, first, last);
        }

        public double Place(double value) => First + ((value - Least) / (Most - Least) * (Last - First));

        /// <summary>Round values (1, 2 or 5 times a power of ten) about <paramref name="count"/> of which fit.</summary>
        public IEnumerable<double> Ticks(int count)
        {
            double rough = (Most - Least) / count;
            double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            double step = power * new[] { 1.0, 2, 5, 10 }.First(factor => factor * power >= rough);
            for (double value = Math.Ceiling(Least / step) * step; value <= Most; value += step)
            {
                yield return value;
            }
        }
    }
}
