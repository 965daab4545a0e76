using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// How a Winograd convolution is cut into blocks, and what the scratch holds: transformed filters U, transformed input V, and their products M, each for
/// a block only. With u = 36 frequencies, one GEMM each: M[u] = U[u] · V[u], filters × channels times channels × tiles.
/// Before it is <see cref="TryDivide">divided</see>, it does not depend on threads or instruction set, so neither does <see cref="Convolution.ScratchCount"/>. No bit of the result depends on it.
/// </summary>
internal readonly struct WinogradBlocking
{
    /// <summary>Inputs of a tile along an axis.</summary>
    public const int PatchSize = 6;

    public const int Frequencies = PatchSize * PatchSize;

    /// <summary>Filters of a panel of the packed weights.</summary>
    public const int PanelRows = PackedFilters.MostPanelRows;

    /// <summary>Tiles of a block, at most. Transforms keep some floats per tile on the stack.</summary>
    public const int MaximumTiles = 128;

    private const int MostGroupPanels = 2;
    private const int LeastTilesOfThread = 32;

    // Threads that divide filters each transform the whole input: with fewer panels that costs more than it saves. Fewer channels a block, and products are read and written too often.
    private const int LeastPanelsOfThread = 4;
    private const int LeastChannelsOfThread = 8;

    private const int TileStep = EvenParts.VectorFloats;

    // Planes of one frequency lie a cache line off a power of two: 36 of them are written side by side.
    private const int Gap = 16;

    // Of all parts.
    private readonly int _mostFloats;

    public WinogradBlocking(in ConvolutionShape shape, Region output, Interval channels)
    {
        Limits limits = Limits.Of(shape.Workspace);
        WindowSize = shape.Rows.Size;
        TileSize = TileSizeOf(shape);
        TileRows = Tiles(output.Rows, TileSize);
        TileColumns = Tiles(output.Columns, TileSize);
        Count = checked(TileRows.Length * TileColumns.Length);
        Panels = (output.Channels.Length + PanelRows - 1) / PanelRows;
        BlockChannels = Even(channels.Length, limits.Channels);
        BlockTiles = ChooseTiles(Count, limits.Tiles);
        UnitPanels = Math.Min(Panels, limits.UnitPanels);
        _mostFloats = limits.Floats;
    }

    /// <summary>Weights of a filter along an axis.</summary>
    public int WindowSize { get; }

    /// <summary>Outputs of a tile along an axis.</summary>
    public int TileSize { get; }

    /// <summary>Rows of tiles, in units of tiles from the map's first row.</summary>
    public Interval TileRows { get; }

    public Interval TileColumns { get; }

    /// <summary>Tiles, row by row.</summary>
    public int Count { get; }

    /// <summary>Parts of the tiles that are computed at a time, each in a part of the scratch: 1 unless it is <see cref="TryDivide">divided</see>.</summary>
    public int TileParts { get; private init; } = 1;

    /// <summary>Parts of the filters that are computed at a time, each in a part of the scratch: 1 unless it is divided.</summary>
    public int FilterParts { get; private init; } = 1;

    /// <summary>Parts that are computed at a time.</summary>
    public int Divisions => TileParts * FilterParts;

    /// <summary>Panels of filters.</summary>
    public int Panels { get; }

    /// <summary>Channels of a block of V and U.</summary>
    public int BlockChannels { get; private init; }

    /// <summary>Tiles of a block of V and M.</summary>
    public int BlockTiles { get; private init; }

    /// <summary>Panels whose transformed filters there is room for.</summary>
    public int UnitPanels { get; private init; }

    /// <summary>Panels whose filters are transformed and multiplied at a time: each block of V is read once for all of them.</summary>
    public int GroupPanels => Math.Min(MostGroupPanels, UnitPanels);

    /// <summary>Panels of a block of M.</summary>
    public int BlockPanels => Even((Panels + FilterParts - 1) / FilterParts, Math.Max(UnitPanels, MostPanels / UnitPanels * UnitPanels));

    /// <summary>Floats from one frequency of U to the next.</summary>
    public int FilterStride => (UnitPanels * PanelRows * BlockChannels) + Gap;

    /// <summary>Floats from one frequency of V to the next.</summary>
    public int InputStride => (BlockChannels * BlockTiles) + Gap;

    /// <summary>Floats from one frequency of a panel of M to the next.</summary>
    public int ProductStride => (PanelRows * BlockTiles) + Gap;

    /// <summary>Floats of U.</summary>
    public long FiltersCount => (long)Frequencies * FilterStride;

    /// <summary>Floats of V.</summary>
    public long InputsCount => (long)Frequencies * InputStride;

    /// <summary>Floats of a panel of M.</summary>
    public long PanelCount => (long)Frequencies * ProductStride;

    /// <summary>Floats of a part.</summary>
    public long PartCount => FiltersCount + InputsCount + (BlockPanels * PanelCount);

    /// <summary>Floats of all parts.</summary>
    public long Floats => Divisions * PartCount;

    /// <summary>Floats of scratch: as many as two threads that divide tiles need too.</summary>
    public long ScratchCount => Math.Max(Floats, TryDivideTiles(2, long.MaxValue, out WinogradBlocking divided) ? divided.Floats : 0);

    private int MostPanels => (int)(((_mostFloats / Divisions) - FiltersCount - InputsCount) / PanelCount);

    /// <summary>
    /// The same convolution with a part of the tiles for each thread or, where a map has few, a part of the filters, if <paramref name="room"/> floats of scratch hold blocks of all parts
    /// that are not too small; else this one.
    /// </summary>
    public bool TryDivide(int threads, long room, out WinogradBlocking divided) =>
        Count >= Panels * PanelRows
            ? TryDivideTiles(threads, room, out divided) || TryDivideFilters(threads, room, out divided)
            : TryDivideFilters(threads, room, out divided) || TryDivideTiles(threads, room, out divided);

    /// <summary>The tiles of a division, in whole vectors.</summary>
    public Interval TilesOf(int division) => EvenParts.Of(Count, TileStep, division % TileParts, TileParts);

    /// <summary>The panels of a division.</summary>
    public Interval PanelsOf(int division) => EvenParts.Of(Panels, 1, division % FilterParts, FilterParts);

    private bool TryDivideTiles(int threads, long room, out WinogradBlocking divided)
    {
        divided = this;
        if (threads > 1 && UnitPanels >= threads)
        {
            for (int tiles = BlockTiles / threads / TileStep * TileStep; tiles >= LeastTilesOfThread && divided.Divisions == 1; tiles -= TileStep)
            {
                WinogradBlocking parts = this with { TileParts = threads, UnitPanels = UnitPanels / threads, BlockTiles = tiles };
                divided = parts.Floats <= room ? parts : this;
            }
        }

        return divided.Divisions > 1;
    }

    private bool TryDivideFilters(int threads, long room, out WinogradBlocking divided)
    {
        divided = this;
        if (threads > 1 && UnitPanels >= threads && Panels >= threads * LeastPanelsOfThread)
        {
            for (int channels = BlockChannels / threads; channels >= LeastChannelsOfThread && divided.Divisions == 1; channels--)
            {
                WinogradBlocking parts = this with { FilterParts = threads, UnitPanels = UnitPanels / threads, BlockChannels = channels };
                divided = parts.Floats <= room ? parts : this;
            }
        }

        return divided.Divisions > 1;
    }

    /// <summary>Outputs of a tile along an axis: 4 for windows of 3, 2 for windows of 5.</summary>
    public static int TileSizeOf(in ConvolutionShape shape) => PatchSize - shape.Rows.Size + 1;

    /// <summary>The outputs of the whole tiles that hold some of <paramref name="outputs"/>.</summary>
    public static Interval Outputs(Interval outputs, int tileSize)
    {
        Interval tiles = Tiles(outputs, tileSize);
        return new(tiles.Start * tileSize, tiles.End * tileSize);
    }

    /// <summary>Tiles of a region, in whole vectors.</summary>
    public static long StoredTiles(Region output, int tileSize) => RoundUp(checked((int)CountOf(output, tileSize)));

    /// <summary>Tiles that hold some of a region.</summary>
    public static long CountOf(Region output, int tileSize) => (long)Tiles(output.Rows, tileSize).Length * Tiles(output.Columns, tileSize).Length;

    private static Interval Tiles(Interval outputs, int tileSize) => new(outputs.Start / tileSize, (outputs.End + tileSize - 1) / tileSize);

    // Every block transforms all filters again, which costs as much as some tiles; tiles are computed in whole vectors.
    private static int ChooseTiles(int count, int maximum)
    {
        const int FilterTransform = 6;
        int best = 0;
        long bestCost = long.MaxValue;
        for (int tiles = Math.Min(4 * TileStep, maximum); tiles <= maximum; tiles += TileStep)
        {
            long full = count / tiles;
            int rest = count % tiles;
            long cost = (full * (tiles + FilterTransform)) + (rest == 0 ? 0 : RoundUp(rest) + FilterTransform);
            if (cost < bestCost)
            {
                (best, bestCost) = (tiles, cost);
            }
        }

        return Math.Min(best, RoundUp(count));
    }

    private static int RoundUp(int tiles) => (tiles + TileStep - 1) / TileStep * TileStep;

    /// <summary>The size of blocks of equal size, at most <paramref name="most"/>.</summary>
    private static int Even(int count, int most)
    {
        int blocks = Math.Max(1, (count + most - 1) / most);
        return (count + blocks - 1) / blocks;
    }

    /// <summary>Tiles, channels and panels of a block, and floats of scratch, at most.</summary>
    private readonly record struct Limits(int Tiles, int Channels, int UnitPanels, int Floats)
    {
        public static Limits Of(Workspace workspace) => workspace switch
        {
            Workspace.Small => new(32, 16, 1, 64 * 1024),
            Workspace.Least => new(TileStep, 11, 1, 16 * 1024),
            _ => new(MaximumTiles, 64, 8, 1000 * 1024),
        };
    }
}
