using CommandLine;

namespace DeeperThings.Cli.Options;

[Verb("weights", HelpText = "weights init MODEL.cfg --seed S -o FILE: make synthetic weights in Darknet's format, for benchmarks.")]
internal sealed class WeightsOptions
{
    [Value(0, MetaName = "init", Required = true, HelpText = "What to do; init is the only action.")]
    public string Action { get; set; } = string.Empty;

    [Value(1, MetaName = "MODEL", Required = true, HelpText = "A .cfg file.")]
    public string Model { get; set; } = string.Empty;

    [Option("seed", Default = 1, MetaValue = "S", HelpText = "Seed of the random numbers; the same seed gives the same file everywhere.")]
    public int Seed { get; set; }

    [Option('o', "output", Required = true, MetaValue = "FILE", HelpText = "Where to write the weights.")]
    public string Output { get; set; } = string.Empty;

    [Option("json", HelpText = "Print one JSON object on standard output and nothing else there.")]
    public bool Json { get; set; }
}
