using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Nearly equal parts of a dimension, in whole units.</summary>
internal static class EvenParts
{
    /// <summary>A multiple of the floats of every vector: the unit of a dimension along which vectors run.</summary>
    public const int VectorFloats = 16;

    /// <summary>One of <paramref name="parts"/> parts of <paramref name="count"/>; only the end of all may lie within a unit.</summary>
    public static Interval Of(int count, int unit, int part, int parts)
    {
        int units = (count + unit - 1) / unit;
        return new(units * part / parts * unit, Math.Min(units * (part + 1) / parts * unit, count));
    }
}
