using DeeperThings.Ranks.Options;

namespace DeeperThings.Cli.Options;

/// <summary><c>simulate</c></summary>
internal sealed class SimulateOptions : ModelOptions
{
    public SimulateOptions()
        : base("simulate", "Predict a plan's timeline on a cluster, without running it.")
    {
        Required<string>("--plan", "FILE", "The plan.", value => Plan = value);
        Required<string>("--cluster", "NAME|FILE", "The devices: a preset (six-pi3-100mbit, six-pi4-1gbit, mixed-pi3-pi4) or a JSON file.", value => Cluster = value);
        Option<string>("--trace", "FILE", "Write the timeline as Chrome trace JSON.", value => Trace = value);
    }

    public string Plan { get; private set; } = string.Empty;

    public string Cluster { get; private set; } = string.Empty;

    public string? Trace { get; private set; }
}
