using System.Collections.Immutable;
using System.Text.Json.Serialization;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>Intervals of one axis, one per part, that may overlap.</summary>
[JsonConverter(typeof(IntervalsJsonConverter))]
public sealed class Intervals(ImmutableArray<Interval> parts) : IEquatable<Intervals>
{
    public ImmutableArray<Interval> Parts { get; } = parts;

    /// <summary>Number of parts.</summary>
    public int Count => Parts.Length;

    public Interval this[int part] => Parts[part];

    /// <summary>Whether every part lies in <c>[0, length)</c> and every position of it lies in some part.</summary>
    public bool Cover(int length)
    {
        int covered = 0;
        foreach (Interval part in Parts.OrderBy(part => part.Start))
        {
            if (part.Start < 0 || part.End > length || part.End < part.Start)
            {
                return false;
            }

            // An empty part covers nothing, wherever it lies.
            if (part.IsEmpty)
            {
                continue;
            }

            if (part.Start > covered)
            {
                return false;
            }

            covered = Math.Max(covered, part.End);
        }

        return covered == length;
    }

    public bool Equals(Intervals? other) => other is not null && Parts.AsSpan().SequenceEqual(other.Parts.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as Intervals);

    public override int GetHashCode() => Parts.Aggregate(0, HashCode.Combine);

    public override string ToString() => $"[{string.Join(", ", Parts.Select(part => $"[{part.Start}, {part.End}]"))}]";
}
