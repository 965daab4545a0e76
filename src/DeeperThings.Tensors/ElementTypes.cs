namespace DeeperThings.Tensors;

/// <summary>What numbers take that are stored otherwise than as float.</summary>
public static class ElementTypes
{
    /// <summary>Floats in whose room <paramref name="count"/> elements fit: half of them, rounded up, for <see cref="ElementType.Float16"/>.</summary>
    public static long Room(this ElementType type, long count) => type == ElementType.Float16 ? (count + 1) / 2 : count;
}
