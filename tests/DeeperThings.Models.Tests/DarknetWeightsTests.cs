using System.Buffers.Binary;
using System.Security.Cryptography;
using DeeperThings.Models.Darknet;
using DeeperThings.Tensors;

namespace DeeperThings.Models.Tests;

public class DarknetWeightsTests
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
        batch_normalize=1
        filters=6
        groups=2
        size=3
        pad=1
        activation=relu
        [convolutional]
        filters=5
        size=1
        activation=linear
        [local]
        filters=3
        size=3
        pad=1
        activation=leaky
        [connected]
        batch_normalize=1
        output=7
        activation=tanh
        [connected]
        output=4
        activation=linear
        """;

    private const int HeaderBytes = 20;

    /// <summary>The floats behind the header.</summary>
    private static float[] Floats(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return [.. Enumerable.Range(0, (bytes.Length - HeaderBytes) / 4).Select(i => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(HeaderBytes + (4 * i))))];
    }

    private static float[] Filter(DarknetWeights weights, WeightedLayer layer, int filter, Interval channels)
    {
        float[] target = new float[channels.Length * layer.WeightsPerChannel];
        weights.ReadFilter(layer, filter, channels, target);
        return target;
    }

    private static float[] Biases(DarknetWeights weights, WeightedLayer layer, Interval filters)
    {
        float[] target = new float[filters.Length];
        weights.ReadBiases(layer, filters, target);
        return target;
    }

    [Fact]
    public void Batch_norm_is_folded_into_weights_and_biases_of_a_convolution_and_a_connected_layer()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        using DarknetWeights weights = DarknetWeights.Open(path, network);
        float[] floats = Floats(path);
        long start = 0;
        foreach (WeightedLayer layer in network.Layers.OfType<WeightedLayer>())
        {
            if (layer is not LocallyConnected)
            {
                // biases, [scales, means, variances], weights; in a connected layer the weights come before the scales.
                int count = layer.Filters;
                int per = (int)layer.WeightsPerFilter;
                bool isConnected = layer is FullyConnected;
                long scales = start + count + (isConnected ? (long)count * per : 0);
                long first = start + count + (isConnected || !layer.BatchNormalized ? 0 : 3 * count);
                float[] biases = Biases(weights, layer, Interval.All(count));
                for (int filter = 0; filter < count; filter++)
                {
                    float factor = layer.BatchNormalized ? floats[scales + filter] / (MathF.Sqrt(floats[scales + (2 * count) + filter]) + 0.000001f) : 1;
                    float mean = layer.BatchNormalized ? floats[scales + count + filter] : 0;
                    Assert.Equal(floats[start + filter] - (mean * factor), biases[filter]);
                    float[] expected = [.. Enumerable.Range(0, per).Select(i => floats[first + (filter * per) + i] * factor)];
                    Assert.Equal(expected, Filter(weights, layer, filter, Interval.All(layer.ChannelsPerFilter)));
                }
            }

            start += layer.Parameters;
        }

        Assert.Equal(floats.Length, start);
    }

    [Fact]
    public void Slices_of_channels_and_filters_concatenate_to_the_whole()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        using DarknetWeights weights = DarknetWeights.Open(path, network);
        foreach (WeightedLayer layer in network.Layers.OfType<WeightedLayer>().Where(layer => layer is not LocallyConnected))
        {
            for (int cut = 0; cut <= layer.ChannelsPerFilter; cut++)
            {
                float[] both = [.. Filter(weights, layer, 2, new(0, cut)), .. Filter(weights, layer, 2, new(cut, layer.ChannelsPerFilter))];
                Assert.Equal(Filter(weights, layer, 2, Interval.All(layer.ChannelsPerFilter)), both);
            }

            for (int cut = 0; cut <= layer.Filters; cut++)
            {
                float[] both = [.. Biases(weights, layer, new(0, cut)), .. Biases(weights, layer, new(cut, layer.Filters))];
                Assert.Equal(Biases(weights, layer, Interval.All(layer.Filters)), both);
            }
        }
    }

    [Fact]
    public void More_biases_than_one_batch_are_folded_alike()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights("[connected]\noutput=1000\nbatch_normalize=1\nactivation=linear");
        using DarknetWeights weights = DarknetWeights.Open(path, network);
        var layer = (WeightedLayer)network.Layers[0];
        float[] singly = [.. Enumerable.Range(0, 1000).SelectMany(i => Biases(weights, layer, new(i, i + 1)))];
        Assert.Equal(singly, Biases(weights, layer, Interval.All(1000)));
    }

    [Fact]
    public void A_locally_connected_layer_has_filters_by_position_and_biases_by_filter()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        using DarknetWeights weights = DarknetWeights.Open(path, network);
        var layer = Assert.IsType<LocallyConnected>(network.Layers[3]);
        float[] floats = Floats(path);
        int start = (int)network.Layers.Take(3).Sum(before => before.Parameters);
        int outputs = (int)layer.Output.Count;
        int per = (int)layer.WeightsPerFilter;
        float[] filter = new float[per];
        float[] biases = new float[2];
        for (int f = 0; f < layer.Filters; f++)
        {
            for (int row = 0; row < layer.Output.Rows; row++)
            {
                weights.ReadLocalBiases(layer, f, row, new(1, 3), biases);
                int bias = start + (((f * layer.Output.Rows) + row) * layer.Output.Columns) + 1;
                Assert.Equal(floats[bias..(bias + 2)], biases);
                for (int column = 0; column < layer.Output.Columns; column++)
                {
                    weights.ReadLocalFilter(layer, row, column, f, filter);
                    int first = start + outputs + (((((row * layer.Output.Columns) + column) * layer.Filters) + f) * per);
                    Assert.Equal(floats[first..(first + per)], filter);
                }
            }
        }
    }

    [Fact]
    public void Bytes_read_are_those_of_the_slices_and_their_statistics()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        using DarknetWeights weights = DarknetWeights.Open(path, network);
        Assert.Equal(0, weights.BytesRead);
        _ = weights.HeaderDigest;
        Assert.Equal(0, weights.BytesRead);
        Filter(weights, (WeightedLayer)network.Layers[0], 3, new(1, 2));
        Assert.Equal(4 * (9 + 2), weights.BytesRead);
        Biases(weights, (WeightedLayer)network.Layers[0], new(2, 5));
        Assert.Equal((4 * (9 + 2)) + (4 * 3 * 4), weights.BytesRead);
        Filter(weights, (WeightedLayer)network.Layers[2], 0, new(0, 6));
        Biases(weights, (WeightedLayer)network.Layers[2], new(0, 5));
        Assert.Equal((4 * (9 + 2)) + (4 * 3 * 4) + (4 * 6) + (4 * 5), weights.BytesRead);
        weights.ReadLocalFilter((LocallyConnected)network.Layers[3], 1, 1, 1, new float[45]);
        Assert.Equal((4 * (9 + 2)) + (4 * 3 * 4) + (4 * 6) + (4 * 5) + (4 * 45), weights.BytesRead);
    }

    [Fact]
    public void Digest_of_the_header_does_not_see_weights()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        byte[] bytes = File.ReadAllBytes(path);
        string digest = HeaderDigest(bytes);
        bytes[HeaderBytes + 5] ^= 1;
        Assert.Equal(digest, HeaderDigest(bytes));
        bytes[HeaderBytes - 1] ^= 1;
        Assert.NotEqual(digest, HeaderDigest(bytes));

        string HeaderDigest(byte[] contents)
        {
            File.WriteAllBytes(path, contents);
            using DarknetWeights weights = DarknetWeights.Open(path, network);
            return weights.HeaderDigest;
        }
    }

    [Fact]
    public void A_slice_is_digested_as_it_is_read_and_slices_of_all_filters_are_the_file()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        byte[] bytes = File.ReadAllBytes(path);
        for (int parts = 1; parts <= 5; parts++)
        {
            using DarknetWeights weights = DarknetWeights.Open(path, network);
            foreach (WeightedLayer layer in network.Layers.OfType<WeightedLayer>())
            {
                for (int part = 0; part < parts; part++)
                {
                    var filters = new Interval(part * layer.Filters / parts, (part + 1) * layer.Filters / parts);
                    Read(weights, WeightSlice.Whole(layer) with { Filters = filters, Biases = filters });
                }
            }

            Assert.Equal(bytes.Length - HeaderBytes, weights.BytesRead);
        }

        using DarknetWeights first = DarknetWeights.Open(path, network);
        WeightSlice whole = WeightSlice.Whole((WeightedLayer)network.Layers[0]);
        string expected = Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(HeaderBytes, (int)network.Layers[0].Parameters * 4)));
        Assert.Equal(expected, Read(first, whole));
    }

    private static string Read(DarknetWeights weights, WeightSlice slice)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var target = default(Nothing);
        weights.Read(slice, new float[slice.BiasCount], ref target, digest);
        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private readonly struct Nothing : IFilterTarget
    {
        public void Put(int filter, int row, int column, ReadOnlySpan<float> weights)
        {
        }
    }

    [Theory]
    [InlineData(0, 1, 16)]
    [InlineData(0, 0, 16)]
    [InlineData(0, 2, 20)]
    [InlineData(0, 3, 20)]
    [InlineData(1, 0, 20)]
    [InlineData(1001, 0, 16)]
    public void Both_forms_of_the_header_are_read(int major, int minor, int headerBytes)
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights("[convolutional]\nfilters=8\nsize=3\nactivation=linear");
        byte[] header = new byte[headerBytes];
        BinaryPrimitives.WriteInt32LittleEndian(header, major);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), minor);
        File.WriteAllBytes(files.At("other.weights"), [.. header, .. File.ReadAllBytes(path).AsSpan(HeaderBytes)]);
        var layer = (WeightedLayer)network.Layers[0];
        using DarknetWeights ours = DarknetWeights.Open(path, network);
        using DarknetWeights other = DarknetWeights.Open(files.At("other.weights"), network);
        Assert.Equal(Filter(ours, layer, 5, Interval.All(3)), Filter(other, layer, 5, Interval.All(3)));
    }

    [Fact]
    public void Every_truncation_is_refused_with_the_first_layer_that_lacks_data()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        byte[] bytes = File.ReadAllBytes(path);
        for (int length = 0; length < bytes.Length; length += length < 100 ? 1 : 97)
        {
            File.WriteAllBytes(files.At("cut.weights"), bytes[..length]);
            string message = Assert.Throws<ModelException>(() => DarknetWeights.Open(files.At("cut.weights"), network)).Message;
            if (length < 16)
            {
                Assert.Equal($"{files.At("cut.weights")}: {length} bytes; a weights file has a header of 16 or 20 bytes", message);
                continue;
            }

            long end = HeaderBytes;
            Layer lacking = network.Layers.First(layer => (end += layer.Parameters * 4) > length);
            Assert.Equal($"{files.At("cut.weights")}: {length} bytes found, {bytes.Length} expected for net: layer {lacking.Name} is the first that lacks data", message);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(1 << 20)]
    public void Trailing_bytes_are_refused(int more)
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        long expected = new FileInfo(path).Length;
        File.AppendAllBytes(path, new byte[more]);
        string message = Assert.Throws<ModelException>(() => DarknetWeights.Open(path, network)).Message;
        Assert.Equal($"{path}: {expected + more} bytes found, {expected} expected for net: {more} bytes too many", message);
    }

    [Fact]
    public void A_file_that_shrinks_after_opening_is_refused()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        using DarknetWeights weights = DarknetWeights.Open(path, network);
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(30);
        }

        Assert.Throws<ModelException>(() => Filter(weights, (WeightedLayer)network.Layers[0], 7, Interval.All(3)));
    }

    [Fact]
    public void Missing_weights()
    {
        using var files = new TestFiles();
        Network network = files.Load(Layers);
        Assert.Equal($"{files.At("no.weights")}: cannot be read: no such file", Assert.Throws<ModelException>(() => DarknetWeights.Open(files.At("no.weights"), network)).Message);
    }

    [Fact]
    public void Transposed_connected_weights_are_refused()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        byte[] bytes = File.ReadAllBytes(path);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, 1001);
        File.WriteAllBytes(path, bytes);
        Assert.Equal(
            $"{path}: version 1001.2 in the header means transposed weights for layer 4 connected; not supported, save them with version 0.2",
            Assert.Throws<ModelException>(() => DarknetWeights.Open(path, network)).Message);
    }

    [Fact]
    public void Junk_in_the_header_is_refused()
    {
        using var files = new TestFiles();
        Network network = files.Load(Layers);
        File.WriteAllBytes(files.At("net.weights"), [.. Enumerable.Repeat((byte)0xFF, 100)]);
        Assert.Equal(
            $"{files.At("net.weights")}: version -1.-1 in the header; this is not a Darknet weights file",
            Assert.Throws<ModelException>(() => DarknetWeights.Open(files.At("net.weights"), network)).Message);
    }

    [Fact]
    public void Several_threads_read_at_once()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        using DarknetWeights weights = DarknetWeights.Open(path, network);
        var layer = (WeightedLayer)network.Layers[4];
        float[][] expected = [.. Enumerable.Range(0, layer.Filters).Select(filter => Filter(weights, layer, filter, Interval.All(layer.ChannelsPerFilter)))];
        Parallel.For(0, 500, i => Assert.Equal(expected[i % layer.Filters], Filter(weights, layer, i % layer.Filters, Interval.All(layer.ChannelsPerFilter))));
    }

    [Fact]
    public void A_target_of_another_length_is_the_callers_fault()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers);
        using DarknetWeights weights = DarknetWeights.Open(path, network);
        var layer = (WeightedLayer)network.Layers[0];
        Assert.Throws<ArgumentException>(() => weights.ReadFilter(layer, 0, Interval.All(3), new float[26]));
        Assert.Throws<ArgumentOutOfRangeException>(() => weights.ReadFilter(layer, 8, Interval.All(3), new float[27]));
        Assert.Throws<ArgumentOutOfRangeException>(() => weights.ReadFilter(layer, 0, new(1, 4), new float[27]));
        Assert.Throws<ArgumentOutOfRangeException>(() => weights.ReadBiases(layer, new(4, 9), new float[5]));
    }
}
