using DeeperThings.TestSupport;

namespace DeeperThings.Cli.Tests;

/// <summary>The road-sign model of the repository.</summary>
internal static class Signs
{
    public static readonly string Model = Repository.PathOf("models", "signs", "signs.cfg");

    public static readonly string Weights = Repository.PathOf("models", "signs", "signs.weights");

    public static readonly string Samples = Repository.PathOf("models", "signs", "samples");

    public static readonly string Expected = Repository.PathOf("models", "signs", "expected");

    public static readonly string TestSet = Repository.PathOf("models", "signs", "testset");

    public static readonly string[] Strategies = ["whole", "tiled", "layer-output", "layer-input", "fused-weights"];

    /// <summary>Makes a plan file.</summary>
    public static string Plan(string folder, int ranks, string strategy, string? model = null)
    {
        string path = Path.Combine(folder, $"{strategy}-{ranks}.json");
        if (!File.Exists(path))
        {
            Command.Run("plan", model ?? Model, "--ranks", $"{ranks}", "--strategy", strategy, "-o", path).Succeeded();
        }

        return path;
    }
}
