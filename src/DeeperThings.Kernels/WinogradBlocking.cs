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
    public const int PanelRows = 8;

    /// <summary>Tiles of a block, at most. Transforms keep some floats per tile on the stack.</summary>
    public const int MaximumTiles = 128;

    private const int MostGroupPanels = 2;
    private const int LeastTilesOfThread = 32;

    private const int TileStep = WholeVectors.Floats;

    // Planes of one frequency lie a cache line off a power of two: 36 of them are written side by side.
    private const int Gap = 16;

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
        BlockPanels = ChoosePanels();
    }

    private WinogradBlocking(in WinogradBlocking whole, int parts, int tiles)
    {
        this = whole;
        Parts = parts;
        BlockTiles = tiles;
        UnitPanels = whole.UnitPanels / parts;
        _mostFloats = whole._mostFloats / parts;
        BlockPanels = ChoosePanels();
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
    public int Parts { get; } = 1;

    /// <summary>Panels of filters.</summary>
    public int Panels { get; }

    /// <summary>Channels of a block of V and U.</summary>
    public int BlockChannels { get; }

    /// <summary>Tiles of a block of V and M.</summary>
    public int BlockTiles { get; }

    /// <summary>Panels whose transformed filters there is room for.</summary>
    public int UnitPanels { get; }

    /// <summary>Panels whose filters one thread transforms and multiplies at a time: each block of V is read once for all of them.</summary>
    public int GroupPanels => Math.Min(MostGroupPanels, UnitPanels);

    /// <summary>Panels of a block of M.</summary>
    public int BlockPanels { get; }

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
    public long Floats => Parts * PartCount;

    /// <summary>Floats of scratch: as many as two threads need too.</summary>
    public long ScratchCount => Math.Max(Floats, TryDivide(2, long.MaxValue, out WinogradBlocking divided) ? divided.Floats : 0);

    /// <summary>How many groups of panels are under way at a time: each has its room for transformed filters; as many for each thread, if that can be.</summary>
    public int Lanes(int threads)
    {
        int most = (UnitPanels + GroupPanels - 1) / GroupPanels;
        return threads == 1 ? 1 : threads >= most ? most : most / threads * threads;
    }

    /// <summary>The same convolution with a part of the tiles for each thread, if <paramref name="room"/> floats of scratch hold blocks of all parts that are not too small; else this one.</summary>
    public bool TryDivide(int threads, long room, out WinogradBlocking divided)
    {
        if (threads > 1 && UnitPanels >= threads)
        {
            for (int tiles = BlockTiles / threads / TileStep * TileStep; tiles >= LeastTilesOfThread; tiles -= TileStep)
            {
                var parts = new WinogradBlocking(this, threads, tiles);
                if (parts.Floats <= room)
                {
                    divided = parts;
                    return true;
                }
            }
        }

        divided = this;
        return false;
    }

    /// <summary>A part of the tiles, in whole vectors.</summary>
    public Interval Part(int part) => WholeVectors.Part(Count, part, Parts);

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

    private int ChoosePanels()
    {
        int most = (int)((_mostFloats - FiltersCount - InputsCount) / PanelCount);
        return Even(Panels, Math.Max(UnitPanels, most / UnitPanels * UnitPanels));
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
