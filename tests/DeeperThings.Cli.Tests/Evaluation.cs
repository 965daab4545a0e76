using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using DeeperThings.Evaluate;
using DeeperThings.TestSupport;

namespace DeeperThings.Cli.Tests;

/// <summary>Tables and plots out of measurements; the measuring itself needs a cluster.</summary>
public sealed class Evaluation : TemporaryFolder
{
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "evaluate");

    private static readonly string[] s_schedules = ["star, LOP", "star, paper's optimum", "peers, LOP", "joint plan", "joint plan, paper's footprint"];

    private string Measurements => PathOf("measurements.jsonl");

    [Fact]
    public void Every_schedule_is_in_the_tables_and_every_point_in_the_plots()
    {
        File.WriteAllLines(Measurements, Lines());
        Evaluate().Succeeded();
        string tables = File.ReadAllText(PathOf("evaluation.md"));
        Assert.All(s_schedules, schedule => Assert.Contains($"| {schedule} | ", tables, StringComparison.Ordinal));
        Assert.Contains("| 3 | 6.000 | 5.000 | 4.000 | 3.000 | 2.000 |", tables, StringComparison.Ordinal);
        Assert.Contains("| peers, LOP | small | 100mbit | 3 | 1.33 | 4.0 |", tables, StringComparison.Ordinal);
        Assert.Contains("| predicted against measured seconds, error, 100mbit | 10.0 % | 10.0 % | 10.0 % | 11 |", tables, StringComparison.Ordinal);
        XElement speedUp = XElement.Load(PathOf("speed-up.svg"));
        Assert.Equal(s_schedules.Length * 3, Elements(speedUp, "circle").Count);
        Assert.Equal(s_schedules, Elements(speedUp, "text").Select(text => text.Value).Where(s_schedules.Contains));
    }

    [Fact]
    public void Time_on_the_wire_is_compared_with_three_bounds()
    {
        File.WriteAllLines(Measurements, [Line(3, "joint plan", 2, 0.003, exchangeBytes: 24_000)]);
        Evaluate().Succeeded();
        string tables = File.ReadAllText(PathOf("evaluation.md"));
        Assert.Contains("busiest link, busier direction | 12.00 | 12.00 | 12.00 | 1 |", tables, StringComparison.Ordinal);
        Assert.Contains("| busiest link, both directions one after the other | 9.00 | 9.00 | 9.00 | 1 |", tables, StringComparison.Ordinal);
        Assert.Contains("| busiest link of each exchange, one exchange after the other | 1.50 | 1.50 | 1.50 | 1 |", tables, StringComparison.Ordinal);
    }

    [Fact]
    public void Turns_of_a_run_count_once_with_their_median_and_their_spread_is_said()
    {
        File.WriteAllLines(Measurements, [.. Lines(), Line(3, "joint plan", 12, 1, turn: 2), Line(3, "joint plan", 4, 1, turn: 3)]);
        Assert.Contains("13 measurements of 11 runs", Evaluate().Succeeded().Output, StringComparison.Ordinal);
        string tables = File.ReadAllText(PathOf("evaluation.md"));
        Assert.Contains("| 3 | 6.000 | 5.000 | 4.000 | 4.000 | 2.000 |", tables, StringComparison.Ordinal);
        Assert.Contains("| slowest over fastest turn of the same run, 100mbit | 4.00 | 4.00 | 4.00 | 1 |", tables, StringComparison.Ordinal);
        Assert.Contains("| predicted against measured seconds, error, 100mbit | 10.0 % | 10.0 % | 10.0 % | 11 |", tables, StringComparison.Ordinal);
    }

    [Fact]
    public void Front_and_uneven_devices_have_tables_of_their_own_and_change_no_other()
    {
        File.WriteAllLines(Measurements, Lines());
        Evaluate().Succeeded();
        string before = File.ReadAllText(PathOf("evaluation.md"));
        Directory.CreateDirectory(PathOf("fronts"));
        File.WriteAllText(PathOf("fronts/small.json"), """{"points":[{"limitBytes":10000000,"footprintBytes":9000000,"seconds":4.5},{"limitBytes":12000000,"footprintBytes":12000000,"seconds":2.5}]}""");
        File.AppendAllLines(Measurements,
        [
            Line(3, "joint plan within 10.00 MB", 4, 1, "front", limit: 10_000_000),
            Line(3, "joint plan within 12.00 MB", 3, 1, "front", limit: 12_000_000),
            Line(3, "joint plan for even hosts", 6, 1, "uneven"),
            Line(3, "joint plan for these hosts", 4, 1, "uneven"),
        ]);
        Evaluate().Succeeded();
        string tables = File.ReadAllText(PathOf("evaluation.md"));
        Assert.Contains("| 10.00 | 10.00 | 4.000 | 4.400 | 10.0 % | 4.500 |", tables, StringComparison.Ordinal);
        Assert.Contains("| 12.00 | 10.00 | 3.000 | 3.300 | 10.0 % | 2.500 |", tables, StringComparison.Ordinal);
        Assert.Contains("| small | 3 | 100mbit | 6.000 | 6.600 | 4.000 | 4.400 | 1.50 |", tables, StringComparison.Ordinal);
        Assert.EndsWith(before[before.IndexOf("### small", StringComparison.Ordinal)..], tables, StringComparison.Ordinal);
        XElement front = XElement.Load(PathOf("front.svg"));
        Assert.Equal(2 + 1, Elements(front, "circle").Count); // and one in the legend
    }

    [Fact]
    public void A_prediction_is_kept_until_it_is_asked_for_again_and_then_is_that_of_simulate()
    {
        string model = Repository.PathOf("models", "alexnet.cfg");
        string profile = PathOf("cluster.json");
        File.Copy(Repository.PathOf("src", "DeeperThings.Clusters", "Presets", "six-pi3-100mbit.json"), profile);
        Signs.Plan(Folder, 3, "layer-output", model);
        string seconds = Command.Run("simulate", model, "--plan", PathOf("layer-output-3.json"), "--cluster", profile, "--json").Succeeded().Json.GetProperty("seconds").GetDouble().ToString("F3", CultureInfo.InvariantCulture);
        string line = Line(3, "joint plan", 2, 1).Replace("small", "alexnet", StringComparison.Ordinal).Replace("plans/none.json", "layer-output-3.json", StringComparison.Ordinal).Replace("none.json", "cluster.json", StringComparison.Ordinal);
        File.WriteAllLines(Measurements, [line]);
        Evaluate().Succeeded();
        Assert.Contains("| joint plan | 2.000 | 2.200 | ", File.ReadAllText(PathOf("evaluation.md")), StringComparison.Ordinal);
        Evaluate("--predict").Succeeded();
        Evaluate().Succeeded();
        Assert.Contains($"| joint plan | 2.000 | {seconds} | ", File.ReadAllText(PathOf("evaluation.md")), StringComparison.Ordinal);
        File.WriteAllText(profile, "{}");
        Evaluate("--predict").FailedWith(2, "no cluster profile");
    }

    [Fact]
    public void Points_lie_inside_the_axes_and_tick_labels_are_round_and_ascend_evenly()
    {
        File.WriteAllLines(Measurements, Lines());
        Evaluate().Succeeded();
        foreach (string file in Directory.GetFiles(Folder, "*.svg"))
        {
            XElement svg = XElement.Load(file);
            Assert.NotEmpty(Elements(svg, "title").Single().Value);
            double width = Number(svg, "width");
            double height = Number(svg, "height");
            Assert.All(Elements(svg, "circle"), point =>
            {
                Assert.InRange(Number(point, "cx"), 60, width - 20);
                Assert.InRange(Number(point, "cy"), 60, height - 50);
            });
            double[] up = [.. Elements(svg, "text").Where(text => text.Attribute("text-anchor")!.Value == "end").Select(text => double.Parse(text.Value, NumberStyles.Number, CultureInfo.InvariantCulture))];
            Assert.InRange(up.Length, 3, 8);
            Assert.Equal(0, up[0]);
            for (int i = 2; i < up.Length; i++)
            {
                Assert.Equal(up[1] - up[0], up[i] - up[i - 1], 1e-9);
            }

            Assert.Contains($"{up[1]:E0}"[0], "125");
        }
    }

    [Fact]
    public void A_last_line_that_was_cut_off_is_left_out_and_a_damaged_one_before_it_is_named()
    {
        string[] lines = [.. Lines()];
        File.WriteAllText(Measurements, string.Join("\n", lines) + "\n" + lines[0][..50]);
        Assert.Contains("11 measurements of 11 runs", Evaluate().Succeeded().Output, StringComparison.Ordinal);
        File.WriteAllLines(Measurements, ["{", .. lines]);
        Evaluate().FailedWith(2, "line 1 is no measurement");
    }

    [Fact]
    public void Unknown_options_are_refused() => Command.Start(s_program, ["--fast"], TimeSpan.FromSeconds(30), Command.NoEnvironment).FailedWith(2, "--fast: allowed are --quick");

    private static IEnumerable<string> Lines()
    {
        yield return Line(1, "one device", 9, 0);
        for (int ranks = 2; ranks <= 3; ranks++)
        {
            for (int i = 0; i < s_schedules.Length; i++)
            {
                yield return Line(ranks, s_schedules[i], ranks == 3 ? 6 - i : 7 - i, i == 3 ? 1 : 4);
            }
        }
    }

    private static string Line(int ranks, string schedule, double seconds, double wire, string part = "schedules", long? limit = null, long exchangeBytes = 4000, int turn = 1) => JsonSerializer.Serialize(new
    {
        part,
        network = "small",
        ranks,
        rate = "100mbit",
        schedule,
        cpu = Scope.Full.Cpu,
        turn,
        plan = "plans/none.json",
        profile = "none.json",
        footprintLimitBytes = limit,
        footprintBytes = 30_000_000L / ranks,
        peakResidentBytes = 50_000_000L,
        inferences = 2,
        seconds,
        predictedSeconds = seconds * 1.1,
        wireSeconds = wire,
        exchangeBytes,
        linkBytesPerSecond = 12e6,
        asPlanned = true,
        links = Enumerable.Range(0, ranks).Select(rank => new { rank, sentPlanned = 1000 * (rank + 1), receivedPlanned = 1000, sentCounted = 2100 * (rank + 1), receivedCounted = 2100 }),
    });

    private static List<XElement> Elements(XElement svg, string name) => [.. svg.Elements().Where(element => element.Name.LocalName == name)];

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    private Finished Evaluate(params string[] options) => Command.Start(s_program, ["--folder", Folder, "--tables-only", .. options], TimeSpan.FromSeconds(30), Command.NoEnvironment);
}
