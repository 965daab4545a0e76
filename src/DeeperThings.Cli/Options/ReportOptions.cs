using DeeperThings.Ranks.Options;

namespace DeeperThings.Cli.Options;

/// <summary><c>report</c></summary>
internal sealed class ReportOptions : ModelOptions
{
    public ReportOptions()
        : base("report", "Make one HTML page of a plan: who holds what, memory, links, timelines predicted and measured, what was found.")
    {
        Required<string>("--plan", "FILE", "The plan.", value => Plan = value);
        Option<string>("--cluster", "NAME|FILE", "Predict the timeline on this cluster: a preset or a JSON file.", value => Cluster = value);
        Option<string>("--run", "DIR|FILE", "A run of the plan: the folder of its results, or its run.json.", value => Run = value);
        Option<string>("--trace", "FILE", "The timeline that run --trace wrote.", value => Trace = value);
        Required<string>("--output", "FILE", "The page to write.", value => Output = value, "-o");
    }

    public string Plan { get; private set; } = string.Empty;

    public string? Cluster { get; private set; }

    public string? Run { get; private set; }

    public string? Trace { get; private set; }

    public string Output { get; private set; } = string.Empty;
}
