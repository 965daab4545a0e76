using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.TestSupport;

/// <summary>Weights that are a pure function of their position, so that any slice of any model can be had without a file.</summary>
/// <param name="seed">Another seed gives other weights.</param>
/// <param name="type">Float16 for weights that are rounded to it.</param>
public sealed class MemoryWeights(int seed, ElementType type = ElementType.Float32) : IWeightSource
{
    private long _bytesRead;

    public string Name => $"memory {seed}";

    public string HeaderDigest => Name;

    public long BytesRead => Interlocked.Read(ref _bytesRead);

    public void Read<TTarget>(WeightSlice slice, Span<float> biases, ref TTarget target, IncrementalHash? digest = null)
        where TTarget : IFilterTarget, allows ref struct
    {
        WeightedLayer layer = slice.Layer;
        (int rows, int columns) = layer is LocallyConnected ? (layer.Output.Rows, layer.Output.Columns) : (1, 1);
        int index = 0;
        for (int filter = slice.Biases.Start; filter < slice.Biases.End; filter++)
        {
            for (int row = slice.Rows.Start; row < slice.Rows.End; row++)
            {
                Fill(~layer.Index, (((filter * (long)rows) + row) * columns) + slice.Columns.Start, 0.2f, biases.Slice(index, slice.Columns.Length), digest);
                index += slice.Columns.Length;
            }
        }

        float[] weights = new float[slice.FilterLength];
        for (int row = slice.Rows.Start; row < slice.Rows.End; row++)
        {
            for (int column = slice.Columns.Start; column < slice.Columns.End; column++)
            {
                for (int filter = slice.Filters.Start; filter < slice.Filters.End; filter++)
                {
                    long position = (((((long)row * columns) + column) * layer.Filters) + filter) * layer.WeightsPerFilter;
                    Fill(layer.Index, position + (slice.Channels.Start * layer.WeightsPerChannel), MathF.Sqrt(6f / layer.WeightsPerFilter), weights, digest);
                    for (int i = 0; type == ElementType.Float16 && i < weights.Length; i++)
                    {
                        weights[i] = (float)(Half)weights[i];
                    }

                    target.Put(filter, row, column, weights);
                }
            }
        }
    }

    public void Dispose()
    {
    }

    private void Fill(int stream, long start, float scale, Span<float> target, IncrementalHash? digest)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = scale * Uniform(stream, start + i);
        }

        digest?.AppendData(MemoryMarshal.AsBytes(target));
        Interlocked.Add(ref _bytesRead, target.Length * sizeof(float));
    }

    /// <summary>In [-1, 1): a SplitMix64 step of the position.</summary>
    private float Uniform(int stream, long position)
    {
        ulong x = ((ulong)(uint)seed << 32) ^ ((ulong)(uint)stream << 40) ^ (ulong)position;
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        x ^= x >> 31;
        return ((x >> 40) / (float)(1 << 23)) - 1;
    }
}
