using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// How a Winograd convolution is cut into blocks, and what the scratch holds: transformed filters U, transformed input V, and their products M, each for
/// a block only. With u = 36 frequencies, one GEMM each: M[u] = U[u] · V[u], filters × channels times channels × tiles.
/// Of all blocks that fit in the scratch it has those of the least <see cref="Work"/>: large ones transform the input or the filters less often.
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

    // Threads that divide filters each transform the whole input: with fewer panels that costs more than it saves.
    private const int LeastPanelsOfThread = 4;

    // Fewer channels of V a block, and products are read and written too often.
    private const int LeastChannels = 8;

    // A block of V that stays in an L2 of 1 MB beside the other blocks.
    private const int NearFloats = 128 * 1024;

    private const int TileStep = EvenParts.VectorFloats;

    // Planes of one frequency lie a cache line off a power of two: 36 of them are written side by side.
    private const int Gap = 16;

    private readonly Limits _limits;

    public WinogradBlocking(in ConvolutionShape shape, Region output, Interval channels)
    {
        _limits = Limits.Of(shape.Workspace);
        WindowSize = shape.Rows.Size;
        TileSize = TileSizeOf(shape);
        TileRows = Tiles(output.Rows, TileSize);
        TileColumns = Tiles(output.Columns, TileSize);
        Panels = Blocks(output.Channels.Length, PanelRows);
        Channels = channels.Length;
        this = Best(_limits.Floats);
    }

    /// <summary>Weights of a filter along an axis.</summary>
    public int WindowSize { get; }

    /// <summary>Outputs of a tile along an axis.</summary>
    public int TileSize { get; }

    /// <summary>Rows of tiles, in units of tiles from the map's first row.</summary>
    public Interval TileRows { get; }

    public Interval TileColumns { get; }

    /// <summary>Input channels.</summary>
    public int Channels { get; }

    /// <summary>Panels of filters.</summary>
    public int Panels { get; }

    /// <summary>Parts of the tiles that are computed at a time, each in a part of the scratch: 1 unless it is <see cref="TryDivide">divided</see>.</summary>
    public int TileParts { get; private init; } = 1;

    /// <summary>Parts of the filters that are computed at a time, each in a part of the scratch: 1 unless it is divided.</summary>
    public int FilterParts { get; private init; } = 1;

    /// <summary>Parts that are computed at a time.</summary>
    public int Divisions => TileParts * FilterParts;

    /// <summary>Tiles of a block of V and M.</summary>
    public int BlockTiles { get; private init; }

    /// <summary>Blocks of tiles of the largest part.</summary>
    public int TileBlocks => Blocks(DivisionTiles, BlockTiles);

    /// <summary>Channels of a block of V.</summary>
    public int BlockChannels { get; private init; }

    /// <summary>Blocks of channels.</summary>
    public int ChannelBlocks => Blocks(Channels, BlockChannels);

    /// <summary>Channels of a block of U.</summary>
    public int UnitChannels => Even(BlockChannels, _limits.UnitChannels);

    /// <summary>Panels of a block of M.</summary>
    public int BlockPanels { get; private init; }

    /// <summary>Panels whose filters are transformed and multiplied at a time: each block of V is read once for all of them.</summary>
    public int UnitPanels => Math.Min(_limits.UnitPanels, DivisionPanels);

    /// <summary>Floats from one frequency of U to the next.</summary>
    public int FilterStride => (UnitPanels * PanelRows * UnitChannels) + Gap;

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

    /// <summary>Floats of scratch: as many as two threads need too, within the limit.</summary>
    public long ScratchCount => Math.Max(Floats, TryDivide(2, _limits.Floats, out WinogradBlocking divided) ? divided.Floats : 0);

    /// <summary>
    /// What the largest part takes, in quarters of the product of a vector of tiles and a panel for one channel; measured, docs/kernels.md. V is transformed once for each block of M
    /// unless it has all channels, U once for each block of tiles, and a block of M is read and written again for each further block of channels.
    /// </summary>
    public long Work
    {
        get
        {
            const int Input = 20;
            const int Filter = 1;
            const int FarInput = 2;
            const int NextInputs = 24;
            const int NextFilters = 12;
            long blocks = DivisionTiles / BlockTiles;
            int rest = DivisionTiles % BlockTiles;
            long vectors = (blocks * (BlockTiles / TileStep)) + Blocks(rest, TileStep);
            long products = (blocks * MicroPanels.Quarters(BlockTiles, TileStep)) + MicroPanels.Quarters(rest, TileStep);
            long panels = DivisionPanels;
            int channelBlocks = ChannelBlocks;
            int unitBlocks = channelBlocks * Blocks(BlockChannels, UnitChannels);
            return (Channels * panels * products)
                + (vectors * Channels * Input * (channelBlocks == 1 ? 1 : Blocks(DivisionPanels, BlockPanels)))
                + (TileBlocks * Channels * panels * Filter)
                + (unitBlocks > channelBlocks && InputsCount > NearFloats ? vectors * Channels * Blocks(DivisionPanels, UnitPanels) * FarInput : 0)
                + (vectors * panels * (((channelBlocks - 1) * NextInputs) + ((unitBlocks - channelBlocks) * NextFilters)));
        }
    }

    // Of the largest part.
    private int DivisionTiles => checked(Blocks(TileRows.Length, TileParts) * TileColumns.Length);

    private int DivisionPanels => Blocks(Panels, FilterParts);

    // Whether any fit.
    private bool HasBlocks => BlockTiles > 0;

    /// <summary>
    /// The same convolution with a part of the tiles or of the filters for each thread, whichever is less work, if <paramref name="room"/> floats of scratch hold blocks of all parts; else this one.
    /// </summary>
    public bool TryDivide(int threads, long room, out WinogradBlocking divided)
    {
        WinogradBlocking tiles = threads > 1 && TileRows.Length >= threads ? (this with { TileParts = threads }).Best(room / threads) : default;
        WinogradBlocking filters = threads > 1 && Panels >= threads * LeastPanelsOfThread ? (this with { FilterParts = threads }).Best(room / threads) : default;
        WinogradBlocking best = filters.HasBlocks && (!tiles.HasBlocks || filters.Work < tiles.Work) ? filters : tiles;
        divided = best.HasBlocks ? best : this;
        return best.HasBlocks;
    }

    /// <summary>The tiles of a division, row by row, in whole rows: no two threads write to one row of the map.</summary>
    public Interval TilesOf(int division)
    {
        Interval rows = EvenParts.Of(TileRows.Length, 1, division % TileParts, TileParts);
        return new(rows.Start * TileColumns.Length, rows.End * TileColumns.Length);
    }

    /// <summary>The panels of a division.</summary>
    public Interval PanelsOf(int division) => EvenParts.Of(Panels, 1, division % FilterParts, FilterParts);

    /// <summary>This with the blocks of the least work of which a part has at most <paramref name="room"/> floats; see <see cref="HasBlocks"/>.</summary>
    private WinogradBlocking Best(long room)
    {
        WinogradBlocking best = this with { BlockTiles = 0 };
        long least = long.MaxValue;
        for (int tiles = TileStep; tiles <= Math.Min(_limits.Tiles, RoundUp(DivisionTiles)); tiles += TileStep)
        {
            for (int channels = Channels; ; channels = (channels + 1) / 2)
            {
                WinogradBlocking blocks = this with { BlockTiles = tiles, BlockChannels = channels };
                long panels = (room - blocks.FiltersCount - blocks.InputsCount) / blocks.PanelCount;
                if (panels >= blocks.UnitPanels)
                {
                    long most = blocks.ChannelBlocks == 1 ? UnitPanels : panels / UnitPanels * UnitPanels;
                    blocks = blocks with { BlockPanels = Even(DivisionPanels, (int)Math.Min(most, DivisionPanels)) };
                    long work = blocks.Work;
                    if (work < least)
                    {
                        (best, least) = (blocks, work);
                    }
                }

                if (channels <= LeastChannels)
                {
                    break;
                }
            }
        }

        return best;
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

    private static int RoundUp(int tiles) => Blocks(tiles, TileStep) * TileStep;

    private static int Blocks(int count, int size) => (count + size - 1) / size;

    /// <summary>The size of blocks of equal size, at most <paramref name="most"/>.</summary>
    private static int Even(int count, int most) => Blocks(count, Math.Max(1, Blocks(count, most)));

    /// <summary>Tiles of a block, channels and panels of U, and floats of scratch, at most.</summary>
    private readonly record struct Limits(int Tiles, int UnitChannels, int UnitPanels, int Floats)
    {
        public static Limits Of(Workspace workspace) => workspace switch
        {
            Workspace.Small => new(32, 16, 1, 64 * 1024),
            Workspace.Least => new(TileStep, 11, 1, 16 * 1024),
            _ => new(MaximumTiles, 64, 2, 1000 * 1024),
        };
    }
}
