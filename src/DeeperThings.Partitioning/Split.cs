using System.Collections.Immutable;
using System.Text.Json.Serialization;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>Consecutive intervals that together cover <c>[0, Length)</c>; part k is <c>[Bounds[k], Bounds[k + 1])</c> and may be empty.</summary>
[JsonConverter(typeof(SplitJsonConverter))]
public sealed class Split : IEquatable<Split>
{
    /// <exception cref="PlanException">The bounds do not start at 0 or decrease.</exception>
    public Split(ImmutableArray<int> bounds)
    {
        bool ascending = bounds.Length >= 2 && bounds[0] == 0;
        for (int i = 1; ascending && i < bounds.Length; i++)
        {
            ascending = bounds[i] >= bounds[i - 1];
        }

        if (!ascending)
        {
            throw new PlanException($"split [{string.Join(", ", bounds)}]: bounds must start at 0 and not decrease");
        }

        Bounds = bounds;
    }

    public ImmutableArray<int> Bounds { get; }

    /// <summary>Number of parts.</summary>
    public int Count => Bounds.Length - 1;

    /// <summary>Positions that are split.</summary>
    public int Length => Bounds[^1];

    public Interval this[int part] => new(Bounds[part], Bounds[part + 1]);

    /// <summary>Parts whose sizes differ by at most one, the larger ones first; empty ones only where there are more parts than positions.</summary>
    public static Split Even(int length, int parts)
    {
        var bounds = ImmutableArray.CreateBuilder<int>(parts + 1);
        for (int part = 0; part <= parts; part++)
        {
            bounds.Add((part * (length / parts)) + Math.Min(part, length % parts));
        }

        return new(bounds.MoveToImmutable());
    }

    /// <summary>
    /// Parts whose sizes are proportional to <paramref name="weights"/> (largest remainder, the first of equal ones); none is empty where there
    /// are at least as many positions as parts. Equal weights give <see cref="Even"/>.
    /// </summary>
    /// <exception cref="PlanException">A weight is negative or not finite, or all are zero.</exception>
    public static Split Proportional(int length, IReadOnlyList<double> weights)
    {
        double total = weights.Sum();
        if (weights.Count == 0 || weights.Any(weight => !(weight >= 0)) || !double.IsFinite(total) || total == 0)
        {
            throw new PlanException($"split of {length} positions by weights [{string.Join(", ", weights)}]: they must be finite and not negative, and not all zero");
        }

        if (weights.All(weight => weight == weights[0]))
        {
            return Even(length, weights.Count);
        }

        int least = length >= weights.Count ? 1 : 0;
        double[] shares = [.. weights.Select(weight => length * (weight / total))];
        int[] sizes = [.. shares.Select(share => Math.Max(least, (int)share))];
        while (sizes.Sum() < length)
        {
            sizes[IndexOfLargest(part => shares[part] - sizes[part])]++;
        }

        // Only parts that were raised to one position can make the sum too large.
        while (sizes.Sum() > length)
        {
            sizes[IndexOfLargest(part => sizes[part] > least ? sizes[part] - shares[part] : double.NegativeInfinity)]--;
        }

        var bounds = ImmutableArray.CreateBuilder<int>(sizes.Length + 1);
        bounds.Add(0);
        foreach (int size in sizes)
        {
            bounds.Add(bounds[^1] + size);
        }

        return new(bounds.MoveToImmutable());

        int IndexOfLargest(Func<int, double> value) => Enumerable.Range(0, sizes.Length).MaxBy(value);
    }

    public bool Equals(Split? other) => other is not null && Bounds.AsSpan().SequenceEqual(other.Bounds.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as Split);

    public override int GetHashCode() => Bounds.Aggregate(0, HashCode.Combine);

    public override string ToString() => $"[{string.Join(", ", Bounds)}]";
}
