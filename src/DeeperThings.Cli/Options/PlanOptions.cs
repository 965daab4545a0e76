using CommandLine;
using DeeperThings.Partitioning;

namespace DeeperThings.Cli.Options;

[Verb("plan", HelpText = "Decide how each layer is split over the ranks.")]
internal sealed class PlanOptions : ModelOptions
{
    [Option("ranks", Required = true, MetaValue = "N", HelpText = "Number of ranks, 1 to 1024.")]
    public int Ranks { get; set; }

    [Option("strategy", Required = true, MetaValue = "S", HelpText = "One rule for all layers: layer-output, layer-input, fused-weights, tiled or whole.")]
    public string Strategy { get; set; } = string.Empty;

    [Option('o', "output", Default = "-", MetaValue = "FILE", HelpText = "Where to write the plan; - prints it.")]
    public string Output { get; set; } = "-";

    /// <exception cref="UsageException">There is no such strategy.</exception>
    public UniformStrategy ParseStrategy() => Strategy switch
    {
        "whole" => UniformStrategy.Whole,
        "tiled" => UniformStrategy.Tiled,
        "layer-output" => UniformStrategy.LayerOutput,
        "layer-input" => UniformStrategy.LayerInput,
        "fused-weights" => UniformStrategy.FusedWeights,
        _ => throw new UsageException($"--strategy {Strategy}: allowed are layer-output, layer-input, fused-weights, tiled, whole"),
    };
}
