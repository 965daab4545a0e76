using CommandLine;
using DeeperThings.Models;

namespace DeeperThings.Cli.Options;

[Verb("weights", HelpText = "weights init MODEL.cfg --seed S -o FILE: make synthetic weights in Darknet's format, for benchmarks; weights convert MODEL.cfg --to float16 -o FILE: store weights at half the size.")]
internal sealed class WeightsOptions
{
    [Value(0, MetaName = "ACTION", Required = true, HelpText = "What to do: init or convert.")]
    public string Action { get; set; } = string.Empty;

    [Value(1, MetaName = "MODEL", Required = true, HelpText = "A .cfg file.")]
    public string Model { get; set; } = string.Empty;

    [Option("weights", MetaValue = "FILE", HelpText = "convert: the weights, where they do not lie beside the model.")]
    public string? Weights { get; set; }

    [Option("to", MetaValue = "TYPE", HelpText = "convert: how weights are stored; float16.")]
    public string? To { get; set; }

    [Option("seed", MetaValue = "S", HelpText = "init: seed of the random numbers; the same seed gives the same file everywhere. Default: 1.")]
    public int? Seed { get; set; }

    [Option('o', "output", Required = true, MetaValue = "FILE", HelpText = "Where to write the weights.")]
    public string Output { get; set; } = string.Empty;

    [Option("json", HelpText = "Print one JSON object on standard output and nothing else there.")]
    public bool Json { get; set; }

    /// <exception cref="UsageException">An option is missing, or belongs to another action.</exception>
    public void Validate()
    {
        switch (Action)
        {
            case "init" when Weights is not null || To is not null:
                throw new UsageException("weights init: --weights and --to are options of weights convert");
            case "convert" when Seed is not null:
                throw new UsageException("weights convert: --seed is an option of weights init");
            case "convert" when To != ModelFile.Float16:
                throw new UsageException($"weights convert --to {To ?? "?"}: allowed is {ModelFile.Float16}");
            case "init" or "convert":
                return;
            default:
                throw new UsageException($"weights {Action}: allowed are init, convert");
        }
    }
}
