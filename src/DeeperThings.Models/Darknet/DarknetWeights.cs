using System.Buffers.Binary;
using System.Security.Cryptography;
using DeeperThings.Tensors;
using Microsoft.Win32.SafeHandles;

namespace DeeperThings.Models.Darknet;

/// <summary>A Darknet weights file.</summary>
public sealed class DarknetWeights : WeightsFile
{
    // Added to the standard deviation by Darknet's CPU batch norm.
    private const float Epsilon = 0.000001f;

    private readonly DarknetWeightsLayout _layout;

    internal DarknetWeights(string path, Network network, SafeFileHandle file)
        : base(path, network, file)
    {
        _layout = new DarknetWeightsLayout(network);
        HeaderBytes = ReadHeader();
        CheckLength(layer => layer.Parameters * sizeof(float));
    }

    private protected override int HeaderBytes { get; }

    /// <summary>Opens the weights of <paramref name="network"/> and checks that the file has exactly its size.</summary>
    /// <exception cref="ModelException">The file cannot be read or is not the weights of this network.</exception>
    public static new DarknetWeights Open(string path, Network network) => Open(path, network, static (path, network, file) => new DarknetWeights(path, network, file));

    private protected override float[] ReadBiases(WeightSlice slice, Span<float> biases, IncrementalHash? digest)
    {
        DarknetWeightsLayout.Block block = _layout[slice.Layer];
        ReadLayerBiases(slice, Offset(block.Biases), biases, digest);
        if (!slice.Layer.BatchNormalized)
        {
            return [];
        }

        int filters = slice.Layer.Filters;
        float[] factors = new float[slice.Scaled.Length];
        float[] means = new float[slice.Biases.Length];
        float[] variances = new float[slice.Scaled.Length];
        ReadFloats(Offset(block.Scales + slice.Scaled.Start), factors, digest);
        ReadFloats(Offset(block.Scales + filters + slice.Biases.Start), means, digest);
        ReadFloats(Offset(block.Scales + (2L * filters) + slice.Scaled.Start), variances, digest);
        for (int i = 0; i < factors.Length; i++)
        {
            factors[i] /= MathF.Sqrt(variances[i]) + Epsilon;
        }

        for (int i = 0; i < biases.Length; i++)
        {
            biases[i] -= means[i] * factors[slice.Biases.Start + i - slice.Scaled.Start];
        }

        return factors;
    }

    private protected override void ReadWeights(WeightedLayer layer, long first, Span<float> target, IncrementalHash? digest) =>
        ReadFloats(Offset(_layout[layer].Weights + first), target, digest);

    /// <summary>Byte of float number <paramref name="position"/> behind the header.</summary>
    private long Offset(long position) => HeaderBytes + (position * sizeof(float));

    /// <summary>Major, minor and revision as 32-bit integers, then the images seen in training: 64 bits from version 0.2 on, 32 before.</summary>
    private int ReadHeader()
    {
        if (Length < 16)
        {
            throw new ModelException($"{Name}: {Length} bytes; a weights file has a header of 16 or 20 bytes");
        }

        Span<byte> header = stackalloc byte[12];
        ReadBytes(0, header);
        int major = BinaryPrimitives.ReadInt32LittleEndian(header);
        int minor = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        bool isTransposed = major > 1000 || minor > 1000;
        if (major < 0 || minor < 0)
        {
            throw new ModelException($"{Name}: version {major}.{minor} in the header; this is not a Darknet weights file");
        }

        if (isTransposed && Network.Layers.FirstOrDefault(layer => layer is FullyConnected) is { } connected)
        {
            throw new ModelException($"{Name}: version {major}.{minor} in the header means transposed weights for layer {connected.Name}; not supported, save them with version 0.2");
        }

        return !isTransposed && (major * 10) + minor >= 2 ? 20 : 16;
    }
}
