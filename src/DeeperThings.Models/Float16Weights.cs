using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using DeeperThings.Tensors;
using Microsoft.Win32.SafeHandles;

namespace DeeperThings.Models;

/// <summary>
/// Weights at half the size, batch norm folded in. A header: the magic <c>DTWF</c>, version and element type as 32-bit integers, SHA-256 of the layout of the
/// model's weights. Then for each layer the biases as float32 and the weights as float16, in Darknet's order. All little-endian.
/// </summary>
public sealed class Float16Weights : WeightsFile
{
    private const uint Magic = 0x46575444;
    private const int Version = 1;
    private const int Binary16 = 16;
    private const int Header = 12 + SHA256.HashSizeInBytes;

    private readonly long[] _offsets;

    internal Float16Weights(string path, Network network, SafeFileHandle file)
        : base(path, network, file)
    {
        _offsets = new long[network.Layers.Length];
        CheckHeader();
        CheckLength(BytesOf);
        long offset = Header;
        foreach (Layer layer in network.Layers)
        {
            _offsets[layer.Index] = offset;
            offset += BytesOf(layer);
        }
    }

    private protected override int HeaderBytes => Header;

    /// <summary>Opens the float16 weights of <paramref name="network"/> and checks that the file has exactly their size.</summary>
    /// <exception cref="ModelException">The file cannot be read or is not the float16 weights of this network.</exception>
    public static new Float16Weights Open(string path, Network network) => Open(path, network, static (path, network, file) => Recognises(file)
        ? new Float16Weights(path, network, file)
        : throw new ModelException($"{path}: no file of float16 weights; deeperthings weights convert makes one"));

    /// <summary>Writes the weights of <paramref name="source"/> as float16. The file is complete or not there.</summary>
    /// <param name="network">The network of the weights.</param>
    /// <param name="source">Read once, a filter at a time.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="progress">Told the share that is written, from 0 to 1, after every layer.</param>
    /// <exception cref="ModelException">A weight is beyond float16's range, or the source cannot be read.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(Network network, IWeightSource source, string path, IProgress<double>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(path);
        AtomicFile.Write(path, (network, source, progress), static (file, what) => Write(what.network, what.source, file, what.progress));
    }

    internal static bool Recognises(SafeFileHandle file)
    {
        Span<byte> magic = stackalloc byte[sizeof(uint)];
        return RandomAccess.Read(file, magic, 0) == magic.Length && BinaryPrimitives.ReadUInt32LittleEndian(magic) == Magic;
    }

    private protected override float[] ReadBiases(WeightSlice slice, Span<float> biases, IncrementalHash? digest)
    {
        ReadLayerBiases(slice, _offsets[slice.Layer.Index], biases, digest);
        return [];
    }

    private protected override void ReadWeights(WeightedLayer layer, long first, Span<float> target, IncrementalHash? digest)
    {
        // Into the rear half of the target, and from there forwards: half i lies behind float i.
        Span<byte> halves = MemoryMarshal.AsBytes(target)[(target.Length * sizeof(ushort))..];
        ReadSlice(_offsets[layer.Index] + (BiasCount(layer) * sizeof(float)) + (first * sizeof(ushort)), halves, digest);
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(halves[(i * sizeof(ushort))..]);
        }
    }

    private static void Write(Network network, IWeightSource source, FileStream file, IProgress<double>? progress)
    {
        Span<byte> header = stackalloc byte[Header];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Binary16);
        LayoutDigest(network).CopyTo(header[12..]);
        file.Write(header);
        long total = Math.Max(1, network.TotalParameters);
        long done = 0;
        foreach (WeightedLayer layer in network.Layers.OfType<WeightedLayer>())
        {
            WeightSlice whole = WeightSlice.Whole(layer);
            float[] biases = new float[whole.BiasCount];
            var none = new HalfWriter(layer, file, source.Name);
            source.Read(whole with { Filters = default }, biases, ref none);
            WriteFloats(biases, file);
            source.Read(whole with { Biases = default }, [], ref none);
            done += layer.Parameters;
            progress?.Report((double)done / total);
        }
    }

    private static void WriteFloats(float[] values, FileStream file)
    {
        if (!BitConverter.IsLittleEndian)
        {
            Span<int> words = MemoryMarshal.Cast<float, int>(values.AsSpan());
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        file.Write(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    private static long BiasCount(Layer layer) => layer switch
    {
        LocallyConnected => layer.Output.Count,
        WeightedLayer weighted => weighted.Filters,
        _ => 0,
    };

    private static long BytesOf(Layer layer) => layer is WeightedLayer weighted
        ? (BiasCount(layer) * sizeof(float)) + (WeightSlice.Whole(weighted).WeightCount * sizeof(ushort))
        : 0;

    /// <summary>Of all that decides where a weight lies and what it means.</summary>
    private static byte[] LayoutDigest(Network network) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(network.Layers.OfType<WeightedLayer>().Select(layer =>
        FormattableString.Invariant($"{layer.Index} {layer.Kind} {layer.Filters} {layer.ChannelsPerFilter} {layer.WeightsPerChannel} {BiasCount(layer)}\n")))));

    private void CheckHeader()
    {
        if (Length < Header)
        {
            throw new ModelException($"{Name}: {Length} bytes; a file of float16 weights has a header of {Header} bytes");
        }

        Span<byte> header = stackalloc byte[Header];
        ReadBytes(0, header);
        int version = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        int elements = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (version != Version || elements != Binary16)
        {
            throw new ModelException($"{Name}: version {version} with elements of {elements} bits; allowed are version {Version} with {Binary16} bits");
        }

        if (!header[12..].SequenceEqual(LayoutDigest(Network)))
        {
            throw new ModelException($"{Name}: float16 weights of another model than {Network.Name}; convert its own weights");
        }
    }

    private readonly struct HalfWriter(WeightedLayer layer, FileStream file, string source) : IFilterTarget
    {
        public void Put(int filter, int row, int column, ReadOnlySpan<float> weights)
        {
            Float16Range.Check(layer, filter, weights, source);
            Span<byte> bytes = stackalloc byte[1024];
            for (int start = 0; start < weights.Length; start += bytes.Length / sizeof(ushort))
            {
                ReadOnlySpan<float> part = weights[start..Math.Min(start + (bytes.Length / sizeof(ushort)), weights.Length)];
                for (int i = 0; i < part.Length; i++)
                {
                    BinaryPrimitives.WriteHalfLittleEndian(bytes[(i * sizeof(ushort))..], (Half)part[i]);
                }

                file.Write(bytes[..(part.Length * sizeof(ushort))]);
            }
        }
    }
}
