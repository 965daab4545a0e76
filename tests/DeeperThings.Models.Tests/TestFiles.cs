using DeeperThings.Models.Darknet;
using DeeperThings.Tensors;

namespace DeeperThings.Models.Tests;

/// <summary>A folder of a test's own that goes with it, and where the files of the repository and of Debian's package are.</summary>
internal sealed class TestFiles : IDisposable
{
    public const string DebianFolder = "/usr/share/darknet/cfg";

    public string Folder { get; } = Directory.CreateTempSubdirectory("deeperthings-models-").FullName;

    /// <summary>The repository's <c>models/</c>.</summary>
    public static string ModelsFolder
    {
        get
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "models", "yolov2.cfg")))
                {
                    return Path.Combine(folder.FullName, "models");
                }
            }

            throw new DirectoryNotFoundException($"no folder above {AppContext.BaseDirectory} has models/yolov2.cfg");
        }
    }

    public static string Debian(string name)
    {
        string path = Path.Combine(DebianFolder, name + ".cfg");
        Assert.True(File.Exists(path), $"{path} is missing: install Debian's package 'darknet' (apt-get install darknet); these tests need its cfg files");
        return path;
    }

    public string At(string name) => Path.Combine(Folder, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(At(name), text);
        return At(name);
    }

    /// <summary>A network over a 3 x 11 x 13 input.</summary>
    public Network Load(string layers, string name = "net.cfg") => DarknetNetwork.Load(Write(name, $"[net]\nwidth=13\nheight=11\nchannels=3\n{layers}\n"));

    public (Network Network, string Weights) LoadWithWeights(string layers, int seed = 1)
    {
        Network network = Load(layers);
        DarknetWeightsWriter.Initialize(network, seed, At("net.weights"));
        return (network, At("net.weights"));
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
