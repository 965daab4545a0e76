using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Tests;

internal static class TestData
{
    public static float[] Values(int seed, long count, float scale = 1)
    {
        var random = new Random(seed);
        var values = new float[count];
        foreach (ref float value in values.AsSpan())
        {
            value = scale * ((random.NextSingle() * 2) - 1);
        }

        return values;
    }

    public static IEnumerable<Interval> Split(int length, int parts)
    {
        for (int i = 0; i < parts; i++)
        {
            yield return new(length * i / parts, length * (i + 1) / parts);
        }
    }

    /// <summary>Index of an element in a whole map's memory.</summary>
    public static int Flat(Shape shape, int channel, int row, int column) => (((channel * shape.Rows) + row) * shape.Columns) + column;

    public static float[] Cut(float[] whole, Shape shape, Region region)
    {
        using var memory = new GuardedMemory();
        return memory.Copy(whole, shape, region).Memory.Span.ToArray();
    }
}
