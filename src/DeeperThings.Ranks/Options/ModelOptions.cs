namespace DeeperThings.Ranks.Options;

/// <summary>What every verb that reads a model takes.</summary>
internal abstract class ModelOptions : VerbOptions
{
    protected ModelOptions(string verb, string help)
        : base(verb, help)
    {
        Argument("MODEL", "A .cfg file; its weights lie beside it with the same stem.", value => Model = value);
        Option<string>("--weights", "FILE", "Weights, where they do not lie beside the model; float16 for the converted file STEM.float16.weights beside it.", value => Weights = value);
        Flag("--json", "Print one JSON object on standard output and nothing else there.", value => Json = value);
    }

    public string Model { get; private set; } = string.Empty;

    public string? Weights { get; private set; }

    public bool Json { get; private set; }
}
