namespace DeeperThings.Evaluate;

/// <summary>Where things are in the repository.</summary>
/// <param name="Root">Its folder.</param>
internal sealed record SourceTree(string Root)
{
    /// <summary>The whole command.</summary>
    public string Program => PathOf("artifacts", "bin", "deeperthings");

    public string ModelOf(string network) => PathOf("models", $"{network}.cfg");

    public string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);
}
