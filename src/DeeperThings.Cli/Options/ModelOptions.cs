using CommandLine;

namespace DeeperThings.Cli.Options;

/// <summary>What every verb that reads a model takes.</summary>
internal abstract class ModelOptions
{
    [Value(0, MetaName = "MODEL", Required = true, HelpText = "A .cfg file; its weights lie beside it with the same stem.")]
    public string Model { get; set; } = string.Empty;

    [Option("weights", MetaValue = "FILE", HelpText = "Weights, where they do not lie beside the model; float16 for the converted file STEM.float16.weights beside it.")]
    public string? Weights { get; set; }

    [Option("json", HelpText = "Print one JSON object on standard output and nothing else there.")]
    public bool Json { get; set; }
}
