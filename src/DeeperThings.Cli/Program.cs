using CommandLine;
using CommandLine.Text;
using DeeperThings.Cli.Options;
using DeeperThings.Cli.Verbs;

namespace DeeperThings.Cli;

/// <summary>The <c>deeperthings</c> command.</summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        using var parser = new Parser(settings =>
        {
            settings.HelpWriter = null;
            settings.CaseInsensitiveEnumValues = true;
            settings.ParsingCulture = System.Globalization.CultureInfo.InvariantCulture;
        });
        ParserResult<object> parsed =
            parser.ParseArguments<InspectOptions, WeightsOptions, PlanOptions, RunOptions, VerifyOptions, BenchOptions, SimulateOptions>(args);
        try
        {
            return parsed.MapResult<InspectOptions, WeightsOptions, PlanOptions, RunOptions, VerifyOptions, BenchOptions, SimulateOptions, int>(
                Inspect.Run,
                MakeWeights.Run,
                MakePlan.Run,
                options => RunPlan.Run(options, args),
                options => VerifyPlan.Run(options, args),
                Bench.Run,
                SimulatePlan.Run,
                errors => HelpOrComplain(parsed, [.. errors], args));
        }
#pragma warning disable CA1031 // The last handler of the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            int code = ExitCode.For(exception);
            Console.Error.WriteLine(code == ExitCode.Bug ? exception.ToString() : $"deeperthings: {exception.Message.ReplaceLineEndings(" ")}");
            return code;
        }
    }

    private static int HelpOrComplain(ParserResult<object> parsed, List<Error> errors, string[] args)
    {
        if (errors.IsHelp() || errors.IsVersion() || args.Length == 0)
        {
            TextWriter writer = args.Length == 0 ? Console.Error : Console.Out;
            writer.WriteLine(HelpText.AutoBuild(parsed, text =>
            {
                text.AdditionalNewLineAfterOption = false;
                text.Copyright = string.Empty;
                return text;
            }));
            return args.Length == 0 ? ExitCode.CallersFault : ExitCode.Done;
        }

        string problems = string.Join("; ", errors.Select(SentenceBuilder.Create().FormatError));
        Console.Error.WriteLine($"deeperthings: {problems.ReplaceLineEndings(" ")} See deeperthings {(args[0].StartsWith('-') ? string.Empty : args[0] + " ")}--help.");
        return ExitCode.CallersFault;
    }
}
