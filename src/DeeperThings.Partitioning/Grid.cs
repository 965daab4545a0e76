namespace DeeperThings.Partitioning;

/// <summary>Rows × columns of tiles.</summary>
public readonly record struct Grid(int Rows, int Columns)
{
    /// <summary>Every factorisation of <paramref name="ranks"/>, by ascending rows.</summary>
    public static IEnumerable<Grid> Factorisations(int ranks) =>
        Enumerable.Range(1, ranks).Where(rows => ranks % rows == 0).Select(rows => new Grid(rows, ranks / rows));

    /// <summary>The factorisation with the least inner border over a square map; more rows than columns where equal, since rows lie together in memory.</summary>
    public static Grid Squarest(int ranks) =>
        Factorisations(ranks).OrderBy(grid => grid.Rows + grid.Columns).ThenByDescending(grid => grid.Rows).First();

    public override string ToString() => $"{Rows}x{Columns}";
}
