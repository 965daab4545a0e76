// Measures the evaluation on the emulated cluster and writes its tables and plots.
//   ./run.sh evaluate [--quick] [--folder DIR] [--networks A,B] [--rates 100mbit,...] [--ranks 1,2,6] [--parts schedules,front,uneven]
//                     [--schedules star-lop,joint,...] [--turns T] [--cpu PERCENT] [--minutes M] [--tables-only] [--predict] [--docs]
// What links bound is measured once, all else in T turns (3), of which the tables show the medians.
// What the folder holds already is not measured again; --predict predicts it again, with the present model. After --minutes no run is begun.
// --docs puts tables, plots and measurements into docs/.
using DeeperThings.Evaluate;
using DeeperThings.Partitioning;

const string Begin = "<!-- evaluation -->";
const string End = "<!-- end of evaluation -->";
const int Done = 0;
const int CallersFault = 2;
const int RunFailed = 4;

var tree = new SourceTree(FindRoot());
string folder = tree.PathOf("results", "evaluation");
Scope scope = Scope.Full;
IReadOnlyList<int>? ranks = null;
DateTime deadline = DateTime.MaxValue;
int exitCode = Done;
bool tablesOnly = false;
bool predict = false;
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
            case "--networks": scope = scope.WithNetworks([.. Value().Split(',')]); break;
            case "--rates": scope = scope.AtRates(Value().Split(',')); break;
            case "--ranks": ranks = [.. Value().Split(',').Select(Number)]; break;
            case "--parts": scope = scope with { Parts = [.. Value().Split(',').Select(KnownPart)] }; break;
            case "--schedules": scope = scope with { Schedules = [.. Value().Split(',').Select(KnownSchedule)] }; break;
            case "--minutes": deadline = DateTime.Now.AddMinutes(Number(Value())); break;
            case "--cpu": scope = scope with { Cpu = Number(Value()) }; break;
            case "--turns": scope = scope with { Turns = Number(Value()) }; break;
            case "--tables-only": tablesOnly = true; break;
            case "--predict": predict = true; break;
            case "--docs": docs = true; break;
            default: throw new ArgumentException($"{args[i]}: allowed are --quick, --folder, --networks, --rates, --ranks, --parts, --schedules, --turns, --cpu, --minutes, --tables-only, --predict, --docs");
        }
    }

    scope = ranks is null ? scope : scope.WithRanks(ranks);
    if (scope.Networks.FirstOrDefault(network => !File.Exists(tree.ModelOf(network))) is { } unknown)
    {
        throw new ArgumentException($"--networks {unknown}: there is no models/{unknown}.cfg");
    }

    Directory.CreateDirectory(folder);
    if (!tablesOnly)
    {
        var campaign = new Campaign(tree, folder, deadline, Say);
        campaign.Measure(scope);
        exitCode = campaign.Failed > 0 ? RunFailed : Done;
        if (campaign.Failed + campaign.Late > 0)
        {
            Say($"{campaign.Failed} runs failed, {campaign.Late} were too late to begin; what is missing is measured by the same command");
        }
    }

    var file = new MeasurementFile(Path.Combine(folder, MeasurementFile.Name));
    if (predict)
    {
        file.Write(new Prediction(tree, folder).Again(file.Read()));
    }

    Measurement[] measurements = [.. file.Read().Where(measurement => measurement.Cpu == scope.Cpu)];
    IReadOnlyList<Turns> runs = Turns.Of(measurements);
    string tables = Tables.Of(runs, ReadFront);
    File.WriteAllText(Path.Combine(folder, "evaluation.md"), tables);
    var plots = runs.Count == 0 ? [] : Plots.Of([.. runs.Select(run => run.Middle)], PlotRate(measurements), ReadFront).ToList();
    foreach ((string name, string svg) in plots)
    {
        File.WriteAllText(Path.Combine(folder, name), svg);
        if (docs)
        {
            File.WriteAllText(tree.PathOf("docs", "images", name), svg);
        }
    }

    if (docs)
    {
        Replace(tree.PathOf("docs", "performance.md"), tables);
        new MeasurementFile(tree.PathOf("docs", "evaluation.jsonl")).Write(measurements);
    }

    Console.WriteLine($"{measurements.Length} measurements of {runs.Count} runs, {plots.Count} plots: {Path.Combine(folder, "evaluation.md")}");
    return exitCode;
}
catch (Exception e) when (e is ArgumentException or FormatException or InvalidDataException or IOException or ToolException or PlanException)
{
    Console.Error.WriteLine($"evaluate: {e.Message.ReplaceLineEndings(" ")}");
    return CallersFault;
}

Front ReadFront(string network) => Front.Read(Path.Combine(folder, "fronts", $"{network}.json"));

static void Say(string text) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {text}");

static int Number(string text) => int.TryParse(text, out int number) && number > 0 ? number : throw new ArgumentException($"{text}: a number above 0 is expected");

static string KnownPart(string part) => Part.All.Contains(part) ? part : throw new ArgumentException($"--parts {part}: allowed are {string.Join(", ", Part.All)}");

static Schedule KnownSchedule(string file) =>
    Schedule.All.FirstOrDefault(schedule => schedule.File == file) ?? throw new ArgumentException($"--schedules {file}: allowed are {string.Join(", ", Schedule.All.Select(schedule => schedule.File))}");

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
