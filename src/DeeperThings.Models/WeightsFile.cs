using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DeeperThings.Models.Darknet;
using DeeperThings.Tensors;
using Microsoft.Win32.SafeHandles;

namespace DeeperThings.Models;

/// <summary>
/// A weights file of any format. Slices are read at their place in the file; adjacent filters together, through a buffer that is bounded, or holds one filter, and
/// is given back.
/// </summary>
public abstract class WeightsFile : IWeightSource
{
    private const int BufferFloats = 64 * 1024;

    private readonly SafeFileHandle _file;
    private long _bytesRead;

    private protected WeightsFile(string path, Network network, SafeFileHandle file)
    {
        Name = path;
        Network = network;
        _file = file;
        Length = RandomAccess.GetLength(file);
    }

    public string Name { get; }

    public long BytesRead => Interlocked.Read(ref _bytesRead);

    public string HeaderDigest
    {
        get
        {
            Span<byte> known = stackalloc byte[sizeof(long) + LongestHeader];
            BinaryPrimitives.WriteInt64LittleEndian(known, Length);
            ReadBytes(0, known.Slice(sizeof(long), HeaderBytes));
            return Convert.ToHexStringLower(SHA256.HashData(known[..(sizeof(long) + HeaderBytes)]));
        }
    }

    private protected const int LongestHeader = 64;

    private protected Network Network { get; }

    /// <summary>Bytes of the file when it was opened.</summary>
    private protected long Length { get; }

    private protected abstract int HeaderBytes { get; }

    /// <summary>Opens the weights of <paramref name="network"/> in whichever format they are, and checks that the file has exactly their size.</summary>
    /// <exception cref="ModelException">The file cannot be read or is not the weights of this network.</exception>
    public static WeightsFile Open(string path, Network network) =>
        Open<WeightsFile>(path, network, static (path, network, file) => Float16Weights.Recognises(file) ? new Float16Weights(path, network, file) : new DarknetWeights(path, network, file));

    /// <summary>How the weights in a file are stored; <see cref="ElementType.Float32"/> also where there is no such file.</summary>
    public static ElementType ElementTypeOf(string path)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            return Float16Weights.Recognises(file) ? ElementType.Float16 : ElementType.Float32;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return ElementType.Float32;
        }
    }

    public void Read<TTarget>(WeightSlice slice, Span<float> biases, ref TTarget target, IncrementalHash? digest = null)
        where TTarget : IFilterTarget, allows ref struct
    {
        slice.Validate(Network);
        if (biases.Length != slice.BiasCount)
        {
            throw new ArgumentException($"the target has {biases.Length} floats; exactly {slice.BiasCount} are needed", nameof(biases));
        }

        ReadOnlySpan<float> factors = ReadBiases(slice, biases, digest);
        if (slice.Filters.IsEmpty || slice.FilterLength == 0)
        {
            return;
        }

        int length = slice.FilterLength;
        bool adjacent = slice.Channels.Length == slice.Layer.ChannelsPerFilter;
        int most = adjacent ? Math.Clamp(BufferFloats / length, 1, slice.Filters.Length) : 1;
        using var memory = new Arena((long)most * length * sizeof(float));
        for (int row = slice.Rows.Start; row < slice.Rows.End; row++)
        {
            for (int column = slice.Columns.Start; column < slice.Columns.End; column++)
            {
                for (int filter = slice.Filters.Start; filter < slice.Filters.End; filter += most)
                {
                    int count = Math.Min(most, slice.Filters.End - filter);
                    Span<float> weights = memory.Buffer(0, (long)count * length).Span;
                    ReadWeights(slice.Layer, FirstWeight(slice, filter, row, column), weights, digest);
                    for (int i = 0; i < count; i++)
                    {
                        Span<float> one = weights.Slice(i * length, length);
                        if (!factors.IsEmpty)
                        {
                            Scale(one, factors[filter + i - slice.Scaled.Start]);
                        }

                        target.Put(filter + i, row, column, one);
                    }
                }
            }
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }
    }

    /// <summary>Reads a slice's biases, batch norm folded in.</summary>
    /// <returns>What the weights of each of <see cref="WeightSlice.Scaled"/> are still to be multiplied with; empty where there is nothing.</returns>
    private protected abstract float[] ReadBiases(WeightSlice slice, Span<float> biases, IncrementalHash? digest);

    /// <summary>Reads weights as they are stored, from the layer's weight number <paramref name="first"/> on.</summary>
    private protected abstract void ReadWeights(WeightedLayer layer, long first, Span<float> target, IncrementalHash? digest);

    private protected static T Open<T>(string path, Network network, Func<string, Network, SafeFileHandle, T> open)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(network);
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);
            return open(path, network, file);
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

    /// <summary>Reads biases that lie in the file as [filter][row][column] from byte <paramref name="offset"/> on, as float32.</summary>
    private protected void ReadLayerBiases(WeightSlice slice, long offset, Span<float> biases, IncrementalHash? digest)
    {
        (int rows, int columns) = slice.Layer is LocallyConnected ? (slice.Layer.Output.Rows, slice.Layer.Output.Columns) : (1, 1);
        bool wholePlanes = slice.Rows.Length == rows && slice.Columns.Length == columns;
        int run = wholePlanes ? biases.Length : slice.Columns.Length;
        for (int start = 0; start < biases.Length; start += run)
        {
            (int filter, int row) = wholePlanes ? (0, 0) : Math.DivRem(start / run, slice.Rows.Length);
            long position = ((((long)slice.Biases.Start + filter) * rows) + slice.Rows.Start + row) * columns + slice.Columns.Start;
            ReadFloats(offset + (position * sizeof(float)), biases.Slice(start, run), digest);
        }
    }

    private protected void ReadFloats(long offset, Span<float> target, IncrementalHash? digest)
    {
        ReadSlice(offset, MemoryMarshal.AsBytes(target), digest);
        if (!BitConverter.IsLittleEndian)
        {
            Span<int> words = MemoryMarshal.Cast<float, int>(target);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }

    /// <summary>Reads bytes that are counted, and digested.</summary>
    private protected void ReadSlice(long offset, Span<byte> target, IncrementalHash? digest)
    {
        ReadBytes(offset, target);
        digest?.AppendData(target);
        Interlocked.Add(ref _bytesRead, target.Length);
    }

    private protected void ReadBytes(long offset, Span<byte> target)
    {
        try
        {
            while (!target.IsEmpty)
            {
                int count = RandomAccess.Read(_file, target, offset);
                if (count == 0)
                {
                    throw new ModelException($"{Name}: ends at byte {offset}, while {target.Length} more are needed; it was changed after it was opened");
                }

                target = target[count..];
                offset += count;
            }
        }
        catch (IOException exception)
        {
            throw new ModelException($"{Name}: cannot be read at byte {offset}: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }

    /// <summary>Checks the file's size.</summary>
    /// <param name="bytesOf">Bytes of each layer.</param>
    private protected void CheckLength(Func<Layer, long> bytesOf)
    {
        long expected = HeaderBytes + Network.Layers.Sum(bytesOf);
        if (Length == expected)
        {
            return;
        }

        if (Length > expected)
        {
            throw new ModelException($"{Name}: {Length} bytes found, {expected} expected for {Network.Name}: {Length - expected} bytes too many");
        }

        long end = HeaderBytes;
        Layer lacking = Network.Layers.First(layer => (end += bytesOf(layer)) > Length);
        throw new ModelException($"{Name}: {Length} bytes found, {expected} expected for {Network.Name}: layer {lacking.Name} is the first that lacks data");
    }

    private static long FirstWeight(WeightSlice slice, int filter, int row, int column)
    {
        WeightedLayer layer = slice.Layer;
        long position = layer is LocallyConnected ? ((long)row * layer.Output.Columns) + column : 0;
        return (((position * layer.Filters) + filter) * layer.WeightsPerFilter) + (slice.Channels.Start * layer.WeightsPerChannel);
    }

    private static void Scale(Span<float> weights, float factor)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] *= factor;
        }
    }
}
