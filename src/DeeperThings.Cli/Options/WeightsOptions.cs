using DeeperThings.Models;
using DeeperThings.Ranks;
using DeeperThings.Ranks.Options;

namespace DeeperThings.Cli.Options;

/// <summary><c>weights</c></summary>
internal sealed class WeightsOptions : VerbOptions
{
    public WeightsOptions()
        : base("weights", "weights init MODEL.cfg --seed S -o FILE: make synthetic weights in Darknet's format, for benchmarks; weights convert MODEL.cfg --to float16 -o FILE: store weights at half the size.")
    {
        Argument("ACTION", "What to do: init or convert.", value => Action = value);
        Argument("MODEL", "A .cfg file.", value => Model = value);
        Option<string>("--weights", "FILE", "convert: the weights, where they do not lie beside the model.", value => Weights = value);
        Option<string>("--to", "TYPE", "convert: how weights are stored; float16.", value => To = value);
        Option<int>("--seed", "S", "init: seed of the random numbers; the same seed gives the same file everywhere. Default: 1.", value => Seed = value);
        Required<string>("--output", "FILE", "Where to write the weights.", value => Output = value, "-o");
        Flag("--json", "Print one JSON object on standard output and nothing else there.", value => Json = value);
    }

    public string Action { get; private set; } = string.Empty;

    public string Model { get; private set; } = string.Empty;

    public string? Weights { get; private set; }

    public string? To { get; private set; }

    public int? Seed { get; private set; }

    public string Output { get; private set; } = string.Empty;

    public bool Json { get; private set; }

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
