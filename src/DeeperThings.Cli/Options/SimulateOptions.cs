using CommandLine;

namespace DeeperThings.Cli.Options;

[Verb("simulate", HelpText = "Predict a plan's timeline on a cluster, without running it.")]
internal sealed class SimulateOptions : ModelOptions
{
    [Option("plan", Required = true, MetaValue = "FILE", HelpText = "The plan.")]
    public string Plan { get; set; } = string.Empty;

    [Option("cluster", Required = true, MetaValue = "NAME|FILE", HelpText = "The devices: a preset (six-pi3-100mbit, six-pi4-1gbit, mixed-pi3-pi4) or a JSON file.")]
    public string Cluster { get; set; } = string.Empty;

    [Option("trace", MetaValue = "FILE", HelpText = "Write the timeline as Chrome trace JSON.")]
    public string? Trace { get; set; }
}
