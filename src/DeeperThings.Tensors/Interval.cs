namespace DeeperThings.Tensors;

/// <summary>Positions <c>[Start, End)</c> along one axis.</summary>
public readonly record struct Interval(int Start, int End)
{
    /// <summary>All positions of an axis of <paramref name="length"/> positions.</summary>
    public static Interval All(int length) => new(0, length);

    public int Length => Math.Max(0, End - Start);

    public bool IsEmpty => End <= Start;

    public Interval Intersect(Interval other) => new(Math.Max(Start, other.Start), Math.Min(End, other.End));

    /// <summary>The smallest interval that contains both; an empty one adds nothing.</summary>
    public Interval Hull(Interval other) =>
        IsEmpty ? other : other.IsEmpty ? this : new(Math.Min(Start, other.Start), Math.Max(End, other.End));

    public bool Contains(int position) => position >= Start && position < End;

    public bool Contains(Interval other) => other.IsEmpty || (other.Start >= Start && other.End <= End);

    public Interval Shift(int by) => new(Start + by, End + by);

    public override string ToString() => $"[{Start}, {End})";
}
