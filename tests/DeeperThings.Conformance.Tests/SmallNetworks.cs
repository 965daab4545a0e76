using System.Text.RegularExpressions;
using DeeperThings.Models;
using DeeperThings.Models.Darknet;

namespace DeeperThings.Conformance.Tests;

/// <summary>A network of Debian's package at a small input size, with random weights.</summary>
internal sealed record SmallNetwork(string Name, string CfgPath, string WeightsPath, Network Network)
{
    public override string ToString() => Name;
}

/// <summary>Darknet's own cfg files with a small width and height, and synthetic weights; written once per test run, to a folder that goes with the process.</summary>
internal static partial class SmallNetworks
{
    public const string CfgFolder = "/usr/share/darknet/cfg";

    private static readonly Dictionary<string, Lazy<SmallNetwork>> s_networks = [];

    // 64 or 96 pixels: every network reaches at least 2 x 2 before its last pooling, and each kind of odd size occurs.
    private static readonly Dictionary<string, int> s_sizes = new()
    {
        ["alexnet"] = 99,
        ["vgg-16"] = 72,
        ["vgg-conv"] = 64,
        ["extraction"] = 96,
        ["tiny"] = 96,
        ["darknet19"] = 96,
        ["darknet53"] = 64,
        ["yolov1-tiny"] = 96,
        ["yolov1"] = 128,
        ["yolov2"] = 96,
        ["yolov2-tiny"] = 96,
        ["yolov3"] = 96,
        ["yolov3-tiny"] = 96,
        ["yolov3-spp"] = 96,
        ["resnet18"] = 96,
        ["resnet50"] = 64,
        ["resnext50"] = 64,
        ["densenet201"] = 64,
        ["strided"] = 104,
    };

    private static readonly Lazy<string> s_folder = new(() =>
    {
        string folder = Directory.CreateTempSubdirectory("deeperthings-conformance-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    });

    /// <summary>Names for <see cref="Get"/>.</summary>
    public static IEnumerable<string> All => s_sizes.Keys;

    public static int SizeOf(string name) => s_sizes[name];

    /// <summary>The cfg and weights of one of <see cref="All"/>.</summary>
    public static SmallNetwork Get(string name)
    {
        string original = Path.Combine(CfgFolder, name + ".cfg");
        Assert.True(File.Exists(original), $"{original} is missing: install Debian's package 'darknet' (apt-get install darknet); the conformance tests need it");
        return Get(name, () => Shrink(File.ReadAllText(original), s_sizes[name]));
    }

    /// <summary>A network of a test's own, with synthetic weights.</summary>
    public static SmallNetwork Get(string name, Func<string> cfg)
    {
        Lazy<SmallNetwork> network;
        lock (s_networks)
        {
            if (!s_networks.TryGetValue(name, out network!))
            {
                s_networks.Add(name, network = new(() => Write(name, cfg())));
            }
        }

        return network.Value;
    }

    /// <summary>Values from 0 to 1, as an image has.</summary>
    public static float[] Input(Network network, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, checked((int)network.InputShape.Count)).Select(_ => random.NextSingle())];
    }

    private static SmallNetwork Write(string name, string cfg)
    {
        string cfgPath = Path.Combine(s_folder.Value, name + ".cfg");
        string weightsPath = Path.ChangeExtension(cfgPath, ".weights");
        File.WriteAllText(cfgPath, cfg);
        Network network = DarknetNetwork.Load(cfgPath);
        DarknetWeightsWriter.Initialize(network, seed: 1, weightsPath);
        return new SmallNetwork(name, cfgPath, weightsPath, network);
    }

    private static string Shrink(string cfg, int size)
    {
        // A crop keeps its distance to the input.
        int input = int.Parse(InputSize().Match(cfg).Groups["size"].Value);
        cfg = InputSize().Replace(cfg, match => $"{match.Groups["key"].Value}={size}");
        return CropSize().Replace(cfg, match => $"{match.Groups["key"].Value}={size - ((input - int.Parse(match.Groups["size"].Value)) / 4)}");
    }

    [GeneratedRegex(@"^(?<key>width|height)\s*=\s*(?<size>\d+)", RegexOptions.Multiline)]
    private static partial Regex InputSize();

    [GeneratedRegex(@"^(?<key>crop_width|crop_height)\s*=\s*(?<size>\d+)", RegexOptions.Multiline)]
    private static partial Regex CropSize();
}
