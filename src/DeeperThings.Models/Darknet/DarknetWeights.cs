using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DeeperThings.Tensors;
using Microsoft.Win32.SafeHandles;

namespace DeeperThings.Models.Darknet;

/// <summary>
/// A Darknet weights file. Slices are read at their place in the file, straight into the caller's memory; nothing is kept. Safe for use by several
/// threads at once.
/// </summary>
public sealed class DarknetWeights : IWeightSource
{
    // Added to the standard deviation by Darknet's CPU batch norm.
    private const float Epsilon = 0.000001f;

    private readonly string _path;
    private readonly Network _network;
    private readonly SafeFileHandle _file;
    private readonly DarknetWeightsLayout _layout;
    private readonly int _headerBytes;
    private readonly Lazy<string> _digest;
    private long _bytesRead;

    private DarknetWeights(string path, Network network, SafeFileHandle file)
    {
        _path = path;
        _network = network;
        _file = file;
        _layout = new DarknetWeightsLayout(network);
        _digest = new Lazy<string>(ComputeDigest);
        _headerBytes = ReadHeader();
        CheckLength();
    }

    public string Digest => _digest.Value;

    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>Opens the weights of <paramref name="network"/> and checks that the file has exactly its size.</summary>
    /// <exception cref="ModelException">The file cannot be read or is not the weights of this network.</exception>
    public static DarknetWeights Open(string path, Network network)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(network);
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);
            return new DarknetWeights(path, network, file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            file?.Dispose();
            throw new ModelException($"{path}: cannot be read: {CfgFile.Reason(exception)}", exception);
        }
        catch (ModelException)
        {
            file?.Dispose();
            throw;
        }
    }

    public void ReadFilter(WeightedLayer layer, int filter, Interval channels, Span<float> target)
    {
        CheckFilters(layer, new(filter, filter + 1));
        ArgumentOutOfRangeException.ThrowIfLessThan(channels.Start, 0, nameof(channels));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels.End, layer.ChannelsPerFilter, nameof(channels));
        CheckLength(target.Length, channels.Length * layer.WeightsPerChannel);
        DarknetWeightsLayout.Block block = _layout[layer];
        Read(block.Weights + (filter * layer.WeightsPerFilter) + (channels.Start * layer.WeightsPerChannel), target);
        if (layer.BatchNormalized)
        {
            Span<float> statistics = stackalloc float[2];
            Read(block.Scales + filter, statistics[..1]);
            Read(block.Scales + (2L * layer.Filters) + filter, statistics[1..]);
            float factor = Factor(statistics[0], statistics[1]);
            for (int i = 0; i < target.Length; i++)
            {
                target[i] *= factor;
            }
        }
    }

    public void ReadBiases(WeightedLayer layer, Interval filters, Span<float> target)
    {
        CheckFilters(layer, filters);
        CheckLength(target.Length, filters.Length);
        DarknetWeightsLayout.Block block = _layout[layer];
        Read(block.Biases + filters.Start, target);
        if (layer.BatchNormalized)
        {
            const int Batch = 256;
            Span<float> scales = stackalloc float[Batch];
            Span<float> means = stackalloc float[Batch];
            Span<float> variances = stackalloc float[Batch];
            for (int start = 0; start < target.Length; start += Batch)
            {
                int count = Math.Min(Batch, target.Length - start);
                long position = block.Scales + filters.Start + start;
                Read(position, scales[..count]);
                Read(position + layer.Filters, means[..count]);
                Read(position + (2L * layer.Filters), variances[..count]);
                for (int i = 0; i < count; i++)
                {
                    target[start + i] -= means[i] * Factor(scales[i], variances[i]);
                }
            }
        }
    }

    public void ReadLocalFilter(LocallyConnected layer, int row, int column, int filter, Span<float> target)
    {
        CheckPosition(layer, filter, row, new(column, column + 1));
        CheckLength(target.Length, layer.WeightsPerFilter);
        long position = ((long)row * layer.Output.Columns) + column;
        Read(_layout[layer].Weights + (((position * layer.Filters) + filter) * layer.WeightsPerFilter), target);
    }

    public void ReadLocalBiases(LocallyConnected layer, int filter, int row, Interval columns, Span<float> target)
    {
        CheckPosition(layer, filter, row, columns);
        CheckLength(target.Length, columns.Length);
        Read(_layout[layer].Biases + ((((long)filter * layer.Output.Rows) + row) * layer.Output.Columns) + columns.Start, target);
    }

    public void Dispose() => _file.Dispose();

    private static float Factor(float scale, float variance) => scale / (MathF.Sqrt(variance) + Epsilon);

    private static void CheckLength(int actual, long expected)
    {
        if (actual != expected)
        {
            throw new ArgumentException($"the target has {actual} floats; exactly {expected} are needed");
        }
    }

    private void CheckFilters(WeightedLayer layer, Interval filters)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (layer is LocallyConnected || layer.Index >= _network.Layers.Length || _network.Layers[layer.Index] is not WeightedLayer)
        {
            throw new ArgumentException($"layer {layer.Name} has no filters in {_path}", nameof(layer));
        }

        if (filters.Start < 0 || filters.End > layer.Filters)
        {
            throw new ArgumentOutOfRangeException(nameof(filters), $"filters {filters} are not in layer {layer.Name} with {layer.Filters}");
        }
    }

    private static void CheckPosition(LocallyConnected layer, int filter, int row, Interval columns)
    {
        ArgumentNullException.ThrowIfNull(layer);
        var wanted = new Region(new(filter, filter + 1), new(row, row + 1), columns);
        if (!Region.Whole(layer.Output).Contains(wanted))
        {
            throw new ArgumentOutOfRangeException(nameof(columns), $"{wanted} is not in the output {layer.Output} of layer {layer.Name}");
        }
    }

    /// <summary>Reads floats from position <paramref name="start"/> behind the header.</summary>
    private void Read(long start, Span<float> target)
    {
        Span<byte> rest = MemoryMarshal.AsBytes(target);
        long offset = _headerBytes + (start * sizeof(float));
        ReadBytes(offset, rest);
        if (!BitConverter.IsLittleEndian)
        {
            Span<int> words = MemoryMarshal.Cast<float, int>(target);
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        Interlocked.Add(ref _bytesRead, rest.Length);
    }

    private void ReadBytes(long offset, Span<byte> target)
    {
        try
        {
            while (!target.IsEmpty)
            {
                int count = RandomAccess.Read(_file, target, offset);
                if (count == 0)
                {
                    throw new ModelException($"{_path}: ends at byte {offset}, while {target.Length} more are needed; it was changed after it was opened");
                }

                target = target[count..];
                offset += count;
            }
        }
        catch (IOException exception)
        {
            throw new ModelException($"{_path}: cannot be read at byte {offset}: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }

    /// <summary>Major, minor and revision as 32-bit integers, then the images seen in training: 64 bits from version 0.2 on, 32 before.</summary>
    private int ReadHeader()
    {
        long length = RandomAccess.GetLength(_file);
        if (length < 16)
        {
            throw new ModelException($"{_path}: {length} bytes; a weights file has a header of 16 or 20 bytes");
        }

        Span<byte> header = stackalloc byte[12];
        ReadBytes(0, header);
        int major = BinaryPrimitives.ReadInt32LittleEndian(header);
        int minor = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        bool isTransposed = major > 1000 || minor > 1000;
        if (major < 0 || minor < 0)
        {
            throw new ModelException($"{_path}: version {major}.{minor} in the header; this is not a Darknet weights file");
        }

        if (isTransposed && _network.Layers.FirstOrDefault(layer => layer is FullyConnected) is { } connected)
        {
            throw new ModelException($"{_path}: version {major}.{minor} in the header means transposed weights for layer {connected.Name}; not supported, save them with version 0.2");
        }

        return !isTransposed && (major * 10) + minor >= 2 ? 20 : 16;
    }

    private void CheckLength()
    {
        long found = RandomAccess.GetLength(_file);
        long expected = _headerBytes + (_layout.Count * sizeof(float));
        if (found == expected)
        {
            return;
        }

        if (found > expected)
        {
            throw new ModelException($"{_path}: {found} bytes found, {expected} expected for {_network.Name}: {found - expected} bytes too many");
        }

        long end = _headerBytes;
        foreach (Layer layer in _network.Layers)
        {
            end += layer.Parameters * sizeof(float);
            if (end > found)
            {
                throw new ModelException($"{_path}: {found} bytes found, {expected} expected for {_network.Name}: layer {layer.Name} is the first that lacks data");
            }
        }
    }

    private string ComputeDigest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] piece = new byte[1 << 16];
        long length = RandomAccess.GetLength(_file);
        for (long offset = 0; offset < length; offset += piece.Length)
        {
            Span<byte> part = piece.AsSpan(0, (int)Math.Min(piece.Length, length - offset));
            ReadBytes(offset, part);
            hash.AppendData(part);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
