using System.Globalization;
using System.Security;
using System.Text;

namespace DeeperThings.Cli.Pictures;

/// <summary>A drawing in SVG. Its text is set by whoever shows it, so it needs no fonts here.</summary>
internal sealed class Svg
{
    private readonly StringBuilder _text = new();

    public Svg(int width, int height)
    {
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\">");
        Add($"<rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>");
    }

    public void Text(double x, double y, string text, string colour = "black", string anchor = "start", int size = 12) =>
        Add($"<text x=\"{x:F1}\" y=\"{y:F1}\" font-size=\"{size}\" fill=\"{colour}\" text-anchor=\"{anchor}\">{SecurityElement.Escape(text)}</text>");

    public void Box(double x, double y, double width, double height, string colour, string border = "none") =>
        Add($"<rect x=\"{x:F2}\" y=\"{y:F2}\" width=\"{width:F2}\" height=\"{height:F2}\" fill=\"{colour}\" stroke=\"{border}\" stroke-width=\"0.5\"/>");

    public void Line(double x1, double y1, double x2, double y2, string colour) =>
        Add($"<line x1=\"{x1:F1}\" y1=\"{y1:F1}\" x2=\"{x2:F1}\" y2=\"{y2:F1}\" stroke=\"{colour}\"/>");

    public void Circle(double x, double y, double radius, string colour) =>
        Add($"<circle cx=\"{x:F1}\" cy=\"{y:F1}\" r=\"{radius:F1}\" fill=\"{colour}\"/>");

    public void Path(string path, string colour) => Add($"<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");

    public override string ToString() => $"{_text}</svg>";

    private void Add(FormattableString element) => _text.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
