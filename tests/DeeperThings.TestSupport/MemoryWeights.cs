using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.TestSupport;

/// <summary>Weights that are a pure function of their position, so that any slice of any model can be had without a file.</summary>
public sealed class MemoryWeights(int seed) : IWeightSource
{
    private long _floatsRead;

    public string Digest => $"memory {seed}";

    public long BytesRead => Interlocked.Read(ref _floatsRead) * sizeof(float);

    public void ReadFilter(WeightedLayer layer, int filter, Interval channels, Span<float> target)
    {
        long start = (filter * layer.WeightsPerFilter) + (channels.Start * layer.WeightsPerChannel);
        Fill(layer.Index, start, Scale(layer), target);
    }

    public void ReadBiases(WeightedLayer layer, Interval filters, Span<float> target) => Fill(~layer.Index, filters.Start, 0.2f, target);

    public void ReadLocalFilter(LocallyConnected layer, int row, int column, int filter, Span<float> target)
    {
        long position = ((((long)row * layer.Output.Columns) + column) * layer.Filters) + filter;
        Fill(layer.Index, position * layer.WeightsPerFilter, Scale(layer), target);
    }

    public void ReadLocalBiases(LocallyConnected layer, int filter, int row, Interval columns, Span<float> target) =>
        Fill(~layer.Index, (((filter * (long)layer.Output.Rows) + row) * layer.Output.Columns) + columns.Start, 0.2f, target);

    public void Dispose()
    {
    }

    private static float Scale(WeightedLayer layer) => MathF.Sqrt(6f / layer.WeightsPerFilter);

    private void Fill(int stream, long start, float scale, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = scale * Uniform(stream, start + i);
        }

        Interlocked.Add(ref _floatsRead, target.Length);
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
