using System.Security.Cryptography;
using System.Text.Json;
using DeeperThings.Models.Darknet;

namespace DeeperThings.Models.Tests;

/// <summary>The cfg files under <c>models/</c> are the networks of the paper's evaluation.</summary>
public class PaperNetworks
{
    [Theory]
    [InlineData("yolov2", "yolov2")]
    [InlineData("vgg16", "vgg-16")]
    [InlineData("extraction", "extraction")]
    [InlineData("alexnet", "alexnet")]
    public void Layer_sizes_equal_the_papers(string paper, string cfg)
    {
        // Rows: index, input elements, output elements, weights, whether it is a convolution.
        using Stream resource = typeof(PaperNetworks).Assembly.GetManifestResourceStream("PaperNetworks.json")!;
        long[][] rows = JsonSerializer.Deserialize<Dictionary<string, long[][]>>(resource)![paper];
        Network network = DarknetNetwork.Load(Path.Combine(TestFiles.ModelsFolder, cfg + ".cfg"));
        foreach (long[] row in rows)
        {
            Layer layer = network.Layers[(int)row[0]];
            long weights = layer is WeightedLayer weighted ? weighted.Filters * weighted.WeightsPerFilter : 0;
            Assert.Equal(row[4] != 0, layer is Convolution);
            Assert.Equal(row[3], weights);

            // The tables count no input of a crop and no output of a head, and take the layer before as the input of every route.
            Assert.Equal(row[1], layer is Crop ? 0 : network.ShapeOf(layer.Index - 1).Count);
            Assert.Equal(row[2], layer is DetectionHead ? 0 : layer.Output.Count);
        }
    }

    [Theory]
    [InlineData("yolov2")]
    [InlineData("vgg-16")]
    [InlineData("extraction")]
    [InlineData("alexnet")]
    public void The_network_is_Darknets_own_layer_for_layer(string name)
    {
        Network ours = DarknetNetwork.Load(Path.Combine(TestFiles.ModelsFolder, name + ".cfg"));
        Network theirs = DarknetNetwork.Load(TestFiles.Debian(name));
        Assert.Equal(theirs.InputShape, ours.InputShape);
        Assert.Equal(theirs.Layers.Length, ours.Layers.Length);
        foreach ((Layer a, Layer b) in ours.Layers.Zip(theirs.Layers))
        {
            // Records compare arrays by identity.
            Assert.Equal(Described(b), Described(a));
        }

        static string Described(Layer layer) => $"{layer} {string.Join(' ', layer.Inputs)} {string.Join(' ', layer.InputShapes)} "
            + string.Join(' ', (layer as RegionHead)?.Anchors ?? []);
    }

    [Fact]
    public void The_signs_model_is_complete()
    {
        ModelFile model = ModelFile.Open(Path.Combine(TestFiles.ModelsFolder, "signs", "signs.cfg"));
        Assert.True(model.HasWeights);
        Assert.Equal(["stop", "yield", "no-entry", "speed-30", "speed-50", "pedestrian-crossing", "turn-left", "priority-road"], model.ClassNames);
        model.OpenWeights().Dispose();
        Assert.Equal("60b4bb7bb2f3ffce896767c3be37859bb16a29d07c143ff2d488ec4b74bb7f5d", Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(model.WeightsPath))));
        Assert.Equal(1_492_145, model.Network.TotalParameters);
    }

    [Fact]
    public void The_signs_checksums_name_every_file_and_agree()
    {
        string folder = Path.Combine(TestFiles.ModelsFolder, "signs");
        Dictionary<string, string> sums = File.ReadAllLines(Path.Combine(folder, "SHA256SUMS")).ToDictionary(line => line[66..], line => line[..64]);
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "SHA256SUMS"))
        {
            string name = "./" + Path.GetRelativePath(folder, path);
            Assert.True(sums.Remove(name, out string? sum), $"{name} is not in SHA256SUMS");
            Assert.Equal(sum, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));
        }

        Assert.Empty(sums);
    }
}
