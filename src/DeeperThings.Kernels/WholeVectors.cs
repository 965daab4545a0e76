using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Parts of a dimension along which vectors run.</summary>
internal static class WholeVectors
{
    /// <summary>A multiple of the floats of every vector.</summary>
    public const int Floats = 16;

    /// <summary>One of <paramref name="parts"/> nearly equal parts of <paramref name="count"/> floats; only the last float of all may end within a vector.</summary>
    public static Interval Part(int count, int part, int parts)
    {
        int vectors = (count + Floats - 1) / Floats;
        return new(vectors * part / parts * Floats, Math.Min(vectors * (part + 1) / parts * Floats, count));
    }
}
