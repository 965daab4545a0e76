using System.Text.Json.Serialization;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>A rule that gives each rank its own region of a feature map.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Everywhere), "everywhere")]
[JsonDerivedType(typeof(OnRoot), "root")]
[JsonDerivedType(typeof(Shards), "shards")]
[JsonDerivedType(typeof(Tiles), "tiles")]
[JsonDerivedType(typeof(OverlappingTiles), "overlapping-tiles")]
public abstract record Partition
{
    /// <summary>The rank that reads inputs and writes results.</summary>
    public const int Root = 0;

    /// <summary>Whether no element is owned twice.</summary>
    [JsonIgnore]
    public virtual bool IsDisjoint => true;

    /// <summary>The region of a map of <paramref name="shape"/> that <paramref name="rank"/> owns.</summary>
    public abstract Region Own(Shape shape, int rank);

    /// <summary>The regions of all ranks.</summary>
    public Region[] Owners(Shape shape, int ranks) => [.. Enumerable.Range(0, ranks).Select(rank => Own(shape, rank))];

    /// <summary>Checks that the rule fits a map of <paramref name="shape"/> over <paramref name="ranks"/> ranks.</summary>
    /// <exception cref="PlanException">It does not.</exception>
    public abstract void Validate(Shape shape, int ranks, string where);

    private protected static Region NonEmpty(Region region) => region.IsEmpty ? Region.Empty : region;
}

/// <summary>Every rank has the whole map.</summary>
public sealed record Everywhere : Partition
{
    public override bool IsDisjoint => false;

    public override Region Own(Shape shape, int rank) => Region.Whole(shape);

    public override void Validate(Shape shape, int ranks, string where)
    {
    }
}

/// <summary>The root alone has the whole map.</summary>
public sealed record OnRoot : Partition
{
    public override Region Own(Shape shape, int rank) => rank == Root ? Region.Whole(shape) : Region.Empty;

    public override void Validate(Shape shape, int ranks, string where)
    {
    }
}

/// <summary>Rank r has part r of the channels.</summary>
public sealed record Shards(Split Channels) : Partition
{
    public override Region Own(Shape shape, int rank) => NonEmpty(Region.Whole(shape) with { Channels = Channels[rank] });

    public override void Validate(Shape shape, int ranks, string where)
    {
        if (Channels.Count != ranks || Channels.Length != shape.Channels)
        {
            throw new PlanException($"{where}: shards {Channels} do not split {shape.Channels} channels over {ranks} ranks");
        }
    }
}

/// <summary>Rank r has the tile in grid row r / columns and grid column r % columns.</summary>
public sealed record Tiles(Split Rows, Split Columns) : Partition
{
    public override Region Own(Shape shape, int rank) =>
        NonEmpty(new(Interval.All(shape.Channels), Rows[rank / Columns.Count], Columns[rank % Columns.Count]));

    public override void Validate(Shape shape, int ranks, string where)
    {
        if (Rows.Count * Columns.Count != ranks || Rows.Length != shape.Rows || Columns.Length != shape.Columns)
        {
            throw new PlanException($"{where}: tiles {Rows} x {Columns} do not split {shape.Rows}x{shape.Columns} positions over {ranks} ranks");
        }
    }
}
