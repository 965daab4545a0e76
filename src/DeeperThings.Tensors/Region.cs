namespace DeeperThings.Tensors;

/// <summary>A half-open box of a feature map: channels × rows × columns.</summary>
public readonly record struct Region(Interval Channels, Interval Rows, Interval Columns)
{
    public static Region Empty => default;

    public static Region Whole(Shape shape) =>
        new(Interval.All(shape.Channels), Interval.All(shape.Rows), Interval.All(shape.Columns));

    public bool IsEmpty => Channels.IsEmpty || Rows.IsEmpty || Columns.IsEmpty;

    /// <summary>Number of elements, in 64 bits.</summary>
    public long Count => (long)Channels.Length * Rows.Length * Columns.Length;

    /// <summary>Size in bytes as float32.</summary>
    public long Bytes => Count * sizeof(float);

    public Shape Shape => new(Channels.Length, Rows.Length, Columns.Length);

    /// <summary>The common box, or <see cref="Empty"/> where there is none.</summary>
    public Region Intersect(Region other)
    {
        var common = new Region(Channels.Intersect(other.Channels), Rows.Intersect(other.Rows), Columns.Intersect(other.Columns));
        return common.IsEmpty ? Empty : common;
    }

    /// <summary>The smallest box that contains both; an empty one adds nothing.</summary>
    public Region Hull(Region other) => IsEmpty ? other
        : other.IsEmpty ? this
        : new(Channels.Hull(other.Channels), Rows.Hull(other.Rows), Columns.Hull(other.Columns));

    public bool Contains(Region other) =>
        other.IsEmpty || (Channels.Contains(other.Channels) && Rows.Contains(other.Rows) && Columns.Contains(other.Columns));

    public Region ShiftChannels(int by) => this with { Channels = Channels.Shift(by) };

    /// <summary>Adds to <paramref name="rest"/> at most six disjoint boxes that together are this region without <paramref name="other"/>.</summary>
    public void Subtract(Region other, ICollection<Region> rest)
    {
        Region common = Intersect(other);
        if (common.IsEmpty)
        {
            Add(this);
            return;
        }

        Add(this with { Channels = new(Channels.Start, common.Channels.Start) });
        Add(this with { Channels = new(common.Channels.End, Channels.End) });
        Region middle = this with { Channels = common.Channels };
        Add(middle with { Rows = new(Rows.Start, common.Rows.Start) });
        Add(middle with { Rows = new(common.Rows.End, Rows.End) });
        middle = middle with { Rows = common.Rows };
        Add(middle with { Columns = new(Columns.Start, common.Columns.Start) });
        Add(middle with { Columns = new(common.Columns.End, Columns.End) });

        void Add(Region box)
        {
            if (!box.IsEmpty)
            {
                rest.Add(box);
            }
        }
    }

    public override string ToString() => $"{Channels}x{Rows}x{Columns}";
}
