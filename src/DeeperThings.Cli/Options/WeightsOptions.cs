using DeeperThings.Ranks.Options;

namespace DeeperThings.Cli.Options;

/// <summary><c>weights</c></summary>
internal sealed class WeightsOptions : VerbOptions
{
    public WeightsOptions()
        : base("weights", "weights init MODEL.cfg --seed S -o FILE: make synthetic weights in Darknet's format, for benchmarks.")
    {
        Argument("init", "What to do; init is the only action.", value => Action = value);
        Argument("MODEL", "A .cfg file.", value => Model = value);
        Option("--seed", "S", "Seed of the random numbers; the same seed gives the same file everywhere.", 1, value => Seed = value);
        Required<string>("--output", "FILE", "Where to write the weights.", value => Output = value, "-o");
        Flag("--json", "Print one JSON object on standard output and nothing else there.", value => Json = value);
    }

    public string Action { get; private set; } = string.Empty;

    public string Model { get; private set; } = string.Empty;

    public int Seed { get; private set; }

    public string Output { get; private set; } = string.Empty;

    public bool Json { get; private set; }
}
