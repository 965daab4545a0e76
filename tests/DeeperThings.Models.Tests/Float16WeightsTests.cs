using System.Buffers.Binary;
using DeeperThings.Models.Darknet;
using DeeperThings.Tensors;

namespace DeeperThings.Models.Tests;

public class Float16WeightsTests
{
    private const string Layers = """
        [convolutional]
        batch_normalize=1
        filters=8
        size=3
        stride=2
        pad=1
        activation=leaky
        [convolutional]
        filters=6
        groups=2
        size=3
        pad=1
        activation=relu
        [maxpool]
        size=2
        [local]
        filters=3
        size=3
        pad=1
        activation=leaky
        [connected]
        batch_normalize=1
        output=7
        activation=linear
        """;

    private const int HeaderBytes = 44;

    [Fact]
    public void Converted_weights_are_the_folded_ones_rounded_to_nearest_even_and_biases_stay()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        using WeightsFile exact = WeightsFile.Open(path, network);
        using WeightsFile half = Convert(files, network, exact);
        foreach (WeightedLayer layer in network.Layers.OfType<WeightedLayer>())
        {
            var expected = new Collected();
            var actual = new Collected();
            WeightSlice whole = WeightSlice.Whole(layer);
            float[] biases = new float[whole.BiasCount];
            float[] halfBiases = new float[whole.BiasCount];
            exact.Read(whole, biases, ref expected);
            half.Read(whole, halfBiases, ref actual);
            Assert.Equal(biases, halfBiases);
            Assert.Equal(expected.Values.Select(value => (float)(Half)value), actual.Values);
            Assert.Equal(whole.WeightCount, actual.Values.Count);
        }

        Assert.Equal(new FileInfo(half.Name).Length - HeaderBytes, half.BytesRead);
    }

    [Fact]
    public void Converting_converted_weights_changes_no_byte()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        using WeightsFile exact = WeightsFile.Open(path, network);
        using WeightsFile once = Convert(files, network, exact);
        using WeightsFile twice = Convert(files, network, once, "twice.weights");
        Assert.Equal(File.ReadAllBytes(once.Name), File.ReadAllBytes(twice.Name));
    }

    [Fact]
    public void Slices_are_those_of_the_whole()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        using WeightsFile exact = WeightsFile.Open(path, network);
        using WeightsFile half = Convert(files, network, exact);
        var layer = (WeightedLayer)network.Layers[0];
        float[] whole = new float[27];
        float[] part = new float[9];
        half.ReadFilter(layer, 5, new(0, 3), whole);
        half.ReadFilter(layer, 5, new(1, 2), part);
        Assert.Equal(whole[9..18], part);
        float[] filter = new float[54];
        var local = (LocallyConnected)network.Layers[3];
        half.ReadLocalFilter(local, 1, 2, 1, filter);
        float[] expected = new float[54];
        exact.ReadLocalFilter(local, 1, 2, 1, expected);
        Assert.Equal(expected.Select(value => (float)(Half)value), filter);
    }

    [Theory]
    [InlineData(65504f, true)]
    [InlineData(-65519f, true)]
    [InlineData(65520f, false)]
    [InlineData(-1e6f, false)]
    [InlineData(float.NaN, false)]
    public void A_weight_beyond_the_range_is_named_with_layer_and_filter(float weight, bool allowed)
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights("[convolutional]\nfilters=8\nsize=3\nactivation=linear");
        byte[] bytes = File.ReadAllBytes(path);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(20 + (4 * (8 + (27 * 5) + 3))), weight);
        File.WriteAllBytes(path, bytes);
        using WeightsFile exact = WeightsFile.Open(path, network);
        if (allowed)
        {
            Convert(files, network, exact).Dispose();
            return;
        }

        string message = Assert.Throws<ModelException>(() => Convert(files, network, exact)).Message;
        Assert.StartsWith($"{path}: layer 0 convolutional 3x3/1, filter 5: weight ", message, StringComparison.Ordinal);
        Assert.Equal(["net.cfg", "net.weights"], Directory.GetFiles(files.Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Every_truncation_and_every_longer_file_is_refused()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        using WeightsFile exact = WeightsFile.Open(path, network);
        string half = files.At("half.weights");
        Convert(files, network, exact, "half.weights").Dispose();
        byte[] bytes = File.ReadAllBytes(half);
        for (int length = 4; length < bytes.Length; length += length < 60 ? 1 : 97)
        {
            File.WriteAllBytes(half, bytes[..length]);
            Assert.Throws<ModelException>(() => WeightsFile.Open(half, network));
        }

        File.WriteAllBytes(half, [.. bytes, 0]);
        Assert.Contains("1 bytes too many", Assert.Throws<ModelException>(() => WeightsFile.Open(half, network)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_another_layout_are_refused_though_the_size_is_the_same()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights("[convolutional]\nfilters=4\nsize=1\nactivation=linear\n[convolutional]\nfilters=6\nsize=1\nactivation=linear");
        using WeightsFile exact = WeightsFile.Open(path, network);
        using WeightsFile half = Convert(files, network, exact);
        Network other = files.Load("[convolutional]\nfilters=6\nsize=1\nactivation=linear\n[convolutional]\nfilters=4\nsize=1\nactivation=linear", "other.cfg");
        Assert.Contains("float16 weights of another model than other", Assert.Throws<ModelException>(() => WeightsFile.Open(half.Name, other)).Message, StringComparison.Ordinal);
    }

    private static WeightsFile Convert(TestFiles files, Network network, IWeightSource source, string name = "net.float16.weights")
    {
        Float16Weights.Write(network, source, files.At(name));
        return WeightsFile.Open(files.At(name), network);
    }

    private readonly struct Collected() : IFilterTarget
    {
        public List<float> Values { get; } = [];

        public void Put(int filter, int row, int column, ReadOnlySpan<float> weights) => Values.AddRange(weights);
    }
}
