using System.Text.RegularExpressions;
using DeeperThings.TestSupport;

namespace DeeperThings.Cli.Tests;

/// <summary>The page that <c>report</c> makes, looked at in a browser.</summary>
public sealed partial class Reports : TemporaryFolder
{
    private const int Ranks = 3;
    private const string Browser = "chromium";

    [Fact]
    public void A_browser_shows_every_layer_rank_step_and_picture_without_complaint_or_request()
    {
        Assert.SkipUnless(Command.Start("bash", ["-c", $"command -v {Browser}"], TimeSpan.FromSeconds(10), Command.NoEnvironment).ExitCode == 0, $"{Browser} is missing");
        string page = Make();
        Assert.DoesNotMatch(@"(src|href)=""(?!data:|#)", File.ReadAllText(page));
        Finished shown = Browse("--enable-logging=stderr", "--v=0", "--dump-dom", page);
        string dom = shown.Succeeded().Output;
        Assert.DoesNotContain("CONSOLE", shown.Error, StringComparison.Ordinal);
        Assert.Contains("<html lang=\"en\">", dom, StringComparison.Ordinal);
        Assert.Contains("<title>signs on 3 ranks</title>", dom, StringComparison.Ordinal);
        Assert.Equal(24, RowsOf(dom, "layers"));
        Assert.Equal(Ranks, RowsOf(dom, "ranks"));
        Assert.Equal(Ranks, RowsOf(dom, "links-table"));
        Assert.Equal(Ranks, RowsOf(dom, "pairs"));
        Assert.Equal(2, Regex.Count(dom, "class=\"timeline\""));
        Assert.Equal(2 * Ranks, Regex.Count(dom, @"title=""rank \d \("));
        Assert.All(Regex.Matches(dom, "<img [^>]*>"), image => Assert.Contains(" alt=\"sample0001", image.Value, StringComparison.Ordinal));
        Assert.Equal(Regex.Count(dom, "<svg"), Regex.Count(dom, @"<svg[^>]*role=""img""[^>]*>\s*<title>[^<]+</title>"));
        Assert.DoesNotContain("hidden", ZoomElement().Match(dom).Value, StringComparison.Ordinal); // its script has run

        string screenshot = PathOf("page.png");
        Browse("--window-size=1280,3000", $"--screenshot={screenshot}", page).Succeeded();
        using var picture = Vision.InputImage.Load(screenshot);
        Assert.Equal((1280, 3000), (picture.Width, picture.Height));
    }

    [Fact]
    public void Without_a_run_and_a_cluster_the_page_says_what_to_give()
    {
        string page = PathOf("plain.html");
        Command.Run("report", Signs.Model, "--plan", Signs.Plan(Folder, Ranks, "tiled"), "-o", page).Succeeded();
        string html = File.ReadAllText(page);
        Assert.Contains("--trace", html, StringComparison.Ordinal);
        Assert.Contains("--run", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_or_trace_of_something_else_is_refused()
    {
        string plan = Signs.Plan(Folder, Ranks, "tiled");
        string[] arguments = ["report", Signs.Model, "--plan", plan, "-o", PathOf("never.html")];
        File.WriteAllText(PathOf("no.json"), "[");
        File.WriteAllText(PathOf("empty.json"), "{\"traceEvents\": []}");
        Command.Run([.. arguments, "--trace", PathOf("no.json")]).FailedWith(2, "no trace");
        Command.Run([.. arguments, "--trace", PathOf("empty.json")]).FailedWith(2, "a timeline of 0 ranks; the plan has 3");
        Command.Run([.. arguments, "--run", PathOf("no.json")]).FailedWith(2, "no report of a run");
        Command.Run([.. arguments, "--run", PathOf("nowhere")]).FailedWith(2, "nowhere");
        Assert.False(File.Exists(PathOf("never.html")));
    }

    private string Make()
    {
        string plan = Signs.Plan(Folder, Ranks, "layer-output");
        string page = PathOf("report.html");
        Command.Mpiexec(Ranks, "run", Signs.Model, "--plan", plan, "--input", Path.Combine(Signs.Samples, "sample0001.jpg"), "--output", PathOf("results"), "--trace", PathOf("trace.json")).Succeeded();
        Command.Run("report", Signs.Model, "--plan", plan, "--cluster", "six-pi3-100mbit", "--run", PathOf("results"), "--trace", PathOf("trace.json"), "-o", page).Succeeded();
        return page;
    }

    private Finished Browse(params string[] arguments) => Command.Start(
        Browser,
        ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", $"--user-data-dir={PathOf("browser")}", .. arguments[..^1], $"file://{arguments[^1]}"],
        TimeSpan.FromMinutes(1),
        Command.NoEnvironment);

    private static int RowsOf(string dom, string table) =>
        Regex.Count(Regex.Match(dom, $"<table id=\"{table}\">.*?</table>", RegexOptions.Singleline).Value, "<th scope=\"row\"");

    [GeneratedRegex("<p class=\"zoom\"[^>]*>")]
    private static partial Regex ZoomElement();
}
