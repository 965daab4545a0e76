namespace DeeperThings.Models;

/// <summary>What can be rounded to float16.</summary>
public static class Float16Range
{
    /// <summary>Checks that no weight becomes infinite as float16, and none is NaN.</summary>
    /// <param name="layer">The layer, for the message.</param>
    /// <param name="filter">The filter, for the message.</param>
    /// <param name="weights">The filter's weights, or some of them.</param>
    /// <param name="source">Where they come from, for the message.</param>
    /// <exception cref="ModelException">One is beyond float16's range.</exception>
    public static void Check(WeightedLayer layer, int filter, ReadOnlySpan<float> weights, string source)
    {
        // Everything below the middle between the largest half, 65504, and the next power of two is rounded down to it.
        const float Beyond = 65520;
        foreach (float weight in weights)
        {
            if (!(MathF.Abs(weight) < Beyond))
            {
                throw new ModelException(FormattableString.Invariant($"{source}: layer {layer.Name}, filter {filter}: weight {weight} is beyond float16's range of ±65504; use float32"));
            }
        }
    }
}
