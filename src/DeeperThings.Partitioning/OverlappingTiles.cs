using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>
/// As <see cref="Tiles"/>, but neighbours' tiles overlap: each rank also computes a margin of its neighbours' tiles, so that the next layer finds
/// all it needs. A run of such layers is a fused stack: only the stack's input is exchanged.
/// </summary>
public sealed record OverlappingTiles(Intervals Rows, Intervals Columns) : Partition
{
    public override bool IsDisjoint => false;

    public override Region Own(Shape shape, int rank) =>
        NonEmpty(new(Interval.All(shape.Channels), Rows[rank / Columns.Count], Columns[rank % Columns.Count]));

    public override void Validate(Shape shape, int ranks, string where)
    {
        if ((long)Rows.Count * Columns.Count != ranks || !Rows.Cover(shape.Rows) || !Columns.Cover(shape.Columns))
        {
            throw new PlanException($"{where}: overlapping tiles {Rows} x {Columns} do not cover {shape.Rows}x{shape.Columns} positions over {ranks} ranks");
        }
    }
}
