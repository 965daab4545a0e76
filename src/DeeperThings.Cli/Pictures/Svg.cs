using System.Globalization;
using System.Security;
using System.Text;

namespace DeeperThings.Cli.Pictures;

/// <summary>
/// A drawing in SVG. Its text is set by whoever shows it, so it needs no fonts here; <see cref="Ink"/>, <see cref="Faint"/>, <see cref="Rule"/> and
/// <see cref="Paper"/> stand out on a light page as on a dark one.
/// </summary>
internal sealed class Svg
{
    public const string Ink = "ink";
    public const string Faint = "faint";
    public const string Rule = "rule";
    public const string Paper = "paper";

    private const string Style = """
        <style>.ink{fill:#1f2328}.faint{fill:#59636e}.rule{stroke:#d1d9e0}.paper{fill:#fff}@media(prefers-color-scheme:dark){.ink{fill:#e6edf3}.faint{fill:#9198a1}.rule{stroke:#3d444d}.paper{fill:#0d1117}}</style>
        """;

    private readonly StringBuilder _text = new();

    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="title">What the drawing shows, for those who do not see it.</param>
    public Svg(int width, int height, string title)
    {
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"system-ui, sans-serif\">");
        Add($"<title>{SecurityElement.Escape(title)}</title>");
        _text.Append(Style).Append('\n');
        Add($"<rect width=\"{width}\" height=\"{height}\" class=\"paper\"/>");
    }

    public void Text(double x, double y, string text, string colour = Ink, string anchor = "start", int size = 12) =>
        Add($"<text x=\"{x:F1}\" y=\"{y:F1}\" font-size=\"{size}\" {Colour("fill", colour)} text-anchor=\"{anchor}\">{SecurityElement.Escape(text)}</text>");

    /// <param name="tip">Shown when a reader points at the box.</param>
    public void Box(double x, double y, double width, double height, string colour, string border = "none", string? tip = null) =>
        Add($"<rect x=\"{x:F2}\" y=\"{y:F2}\" width=\"{width:F2}\" height=\"{height:F2}\" {Colour("fill", colour)} stroke=\"{border}\" stroke-width=\"0.5\"{(tip is null ? "/>" : $"><title>{SecurityElement.Escape(tip)}</title></rect>")}");

    public void Line(double x1, double y1, double x2, double y2, string colour = Rule) =>
        Add($"<line x1=\"{x1:F1}\" y1=\"{y1:F1}\" x2=\"{x2:F1}\" y2=\"{y2:F1}\" {Colour("stroke", colour)}/>");

    public void Circle(double x, double y, double radius, string colour) =>
        Add($"<circle cx=\"{x:F1}\" cy=\"{y:F1}\" r=\"{radius:F1}\" {Colour("fill", colour)}/>");

    public void Path(string path, string colour, bool dashed = false) =>
        Add($"<path d=\"{path}\" fill=\"none\" {Colour("stroke", colour)} stroke-width=\"2\" stroke-linejoin=\"round\"{(dashed ? " stroke-dasharray=\"6 4\"" : string.Empty)}/>");

    public override string ToString() => $"{_text}</svg>";

    private static string Colour(string attribute, string colour) =>
        colour is Ink or Faint or Rule or Paper ? $"class=\"{colour}\"" : $"{attribute}=\"{colour}\"";

    private void Add(FormattableString element) => _text.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
