// Measures the evaluation on the emulated cluster and writes its tables and plots.
//   ./run.sh evaluate [--quick] [--folder DIR] [--networks A,B] [--ranks 1,2,6] [--rates 100mbit,...] [--cpu PERCENT] [--tables-only] [--docs]
// What the folder holds already is not measured again. --docs puts tables and plots into docs/.
using DeeperThings.Evaluate;

const string Begin = "<!-- evaluation -->";
const string End = "<!-- end of evaluation -->";

string root = FindRoot();
string folder = Path.Combine(root, "results", "evaluation");
Scope scope = Scope.Full;
bool tablesOnly = false;
bool docs = false;
try
{
    for (int i = 0; i < args.Length; i++)
    {
        string Value() => ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]}: a value is missing");
        switch (args[i])
        {
            case "--quick": scope = Scope.Quick; break;
            case "--folder": folder = Path.GetFullPath(Value()); break;
            case "--networks": scope = scope with { Networks = Value().Split(',') }; break;
            case "--ranks": scope = scope with { Ranks = [.. Value().Split(',').Select(Number)] }; break;
            case "--rates": scope = scope with { Rates = Value().Split(',') }; break;
            case "--cpu": scope = scope with { Cpu = Number(Value()) }; break;
            case "--tables-only": tablesOnly = true; break;
            case "--docs": docs = true; break;
            default: throw new ArgumentException($"{args[i]}: allowed are --quick, --folder, --networks, --ranks, --rates, --cpu, --tables-only, --docs");
        }
    }

    Directory.CreateDirectory(folder);
    if (!tablesOnly)
    {
        new Campaign(root, folder, text => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {text}")).Measure(scope);
    }

    IReadOnlyList<Measurement> measurements = new MeasurementFile(Path.Combine(folder, "measurements.jsonl")).Read();
    string tables = Tables.Of(measurements);
    File.WriteAllText(Path.Combine(folder, "evaluation.md"), tables);
    var plots = measurements.Count == 0 ? [] : Plots.Of(measurements, PlotRate(measurements), network => Plots.ReadFront(Path.Combine(folder, "fronts", $"{network}.json"))).ToList();
    foreach ((string name, string svg) in plots)
    {
        File.WriteAllText(Path.Combine(folder, name), svg);
        if (docs)
        {
            File.WriteAllText(Path.Combine(root, "docs", "images", name), svg);
        }
    }

    if (docs)
    {
        Replace(Path.Combine(root, "docs", "performance.md"), tables);
    }

    Console.WriteLine($"{measurements.Count} measurements, {plots.Count} plots: {Path.Combine(folder, "evaluation.md")}");
    return 0;
}
catch (Exception e) when (e is ArgumentException or FormatException or InvalidDataException or IOException or ToolException)
{
    Console.Error.WriteLine($"evaluate: {e.Message.ReplaceLineEndings(" ")}");
    return 2;
}

static int Number(string text) => int.TryParse(text, out int number) && number > 0 ? number : throw new ArgumentException($"{text}: a number above 0 is expected");

static string PlotRate(IReadOnlyList<Measurement> measurements) =>
    measurements.Any(measurement => measurement.Rate == "100mbit") ? "100mbit" : measurements[0].Rate;

static void Replace(string document, string tables)
{
    string text = File.ReadAllText(document);
    int begin = text.IndexOf(Begin, StringComparison.Ordinal);
    int end = text.IndexOf(End, StringComparison.Ordinal);
    if (begin < 0 || end < begin)
    {
        throw new InvalidDataException($"{document}: the lines {Begin} and {End} are missing");
    }

    File.WriteAllText(document, $"{text[..(begin + Begin.Length)]}\n\n{tables}\n{text[end..]}");
}

static string FindRoot()
{
    string? folder = AppContext.BaseDirectory;
    while (folder is not null && !File.Exists(Path.Combine(folder, "DeeperThings.Mpi.sln")))
    {
        folder = Path.GetDirectoryName(folder);
    }

    return folder ?? Directory.GetCurrentDirectory();
}
