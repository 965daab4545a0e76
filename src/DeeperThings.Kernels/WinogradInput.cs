using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// V = Bᵀ d B for a block of channels and tiles, straight from the feature map. A piece of the work is <see cref="PieceChannels"/> channels: the patches of all tiles
/// are brought to [row][column][tile], so that the transforms run along tiles whatever the width of the map. V is [frequency], and there B of <see cref="MicroKernel{TVector, TSimd}"/>.
/// </summary>
internal unsafe struct WinogradInput<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    private const int PieceChannels = 4;
    private const int Size = WinogradBlocking.PatchSize;
    private const int MaximumTileSize = 4;

    // Four tiles at a time are written, behind a segment that ends a block too.
    private const int PatchStride = WinogradBlocking.MaximumTiles + 16;

    public WinogradBlocking Blocking;
    public FeatureMap Input;
    public Shape InputShape;
    public int PadRows;
    public int PadColumns;

    /// <summary>Channels of the input map.</summary>
    public Interval Channels;
    public Interval Tiles;
    public float* Target;

    public readonly int Pieces => (Channels.Length + PieceChannels - 1) / PieceChannels;

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int index)
    {
        float* patches = stackalloc float[Size * Size * PatchStride];
        float* half = stackalloc float[Size * Size * 16];
        float* row = stackalloc float[(MaximumTileSize * (WinogradBlocking.MaximumTiles + 4)) + 16];
        int vectors = (Tiles.Length + TSimd.Count - 1) / TSimd.Count;
        var panels = new MicroPanels(Tiles.Length, TSimd.Count);
        int end = Math.Min((index + 1) * PieceChannels, Channels.Length);
        for (int channel = index * PieceChannels; channel < end; channel++)
        {
            CacheLine.Prefetch(Place(channel, 0, panels), Blocking.InputStride, WinogradBlocking.Frequencies);
            if (Blocking.Divisions > 1)
            {
                PrefetchRows(Channels.Start + channel + 1);
            }

            Gather(Channels.Start + channel, row, patches);
            for (int vector = 0; vector < vectors; vector++)
            {
                CacheLine.Prefetch(Place(channel, vector + 1, panels), Blocking.InputStride, WinogradBlocking.Frequencies);
                Transform(patches + (vector * TSimd.Count), half, Place(channel, vector, panels), Blocking.InputStride);
            }
        }
    }

    /// <summary>Where a vector of tiles of the first frequency goes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly float* Place(int channel, int vector, in MicroPanels panels)
    {
        Interval panel = panels.VectorsWith(vector);
        return Target + (((((nint)panel.Start * Channels.Length) + ((nint)channel * panel.Length)) + (vector - panel.Start)) * TSimd.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transform(float* patches, float* half, float* target, nint stride)
    {
        for (int column = 0; column < Size; column++)
        {
            WinogradTransform<TVector, TSimd>.Input(patches + (column * PatchStride), Size * PatchStride, half + (column * TSimd.Count), Size * TSimd.Count);
        }

        for (int line = 0; line < Size; line++)
        {
            WinogradTransform<TVector, TSimd>.Input(half + (line * Size * TSimd.Count), TSimd.Count, target + (line * Size * stride), stride);
        }
    }

    /// <summary>Begins to load what the patches of a channel are made of, which another core may have written: planes are too small for the hardware to foresee.</summary>
    private readonly void PrefetchRows(int channel)
    {
        int width = Blocking.TileColumns.Length;
        int first = ((Blocking.TileRows.Start + (Tiles.Start / width)) * Blocking.TileSize) - PadRows;
        int last = ((Blocking.TileRows.Start + ((Tiles.End - 1) / width)) * Blocking.TileSize) - PadRows + Size;
        Interval rows = new Interval(first, last).Intersect(Interval.All(InputShape.Rows));
        CacheLine.Prefetch(Input.At(channel, rows.Start, Input.Region.Columns.Start), CacheLine.Floats, (rows.Length * Input.RowStride / CacheLine.Floats) + 1);
    }

    /// <summary>The patches of one channel: element (i, j) of all tiles, one behind the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Gather(int channel, float* row, float* patches)
    {
        int width = Blocking.TileColumns.Length;
        int first = Tiles.Start;
        while (first < Tiles.End)
        {
            int line = first / width;
            int column = first - (line * width);
            int count = Math.Min(width - column, Tiles.End - first);
            int inputRow = ((Blocking.TileRows.Start + line) * Blocking.TileSize) - PadRows;
            int inputColumn = ((Blocking.TileColumns.Start + column) * Blocking.TileSize) - PadColumns;
            for (int i = 0; i < Size; i++)
            {
                CopyRow(channel, inputRow + i, inputColumn, ((count - 1) * Blocking.TileSize) + Size, row);
                float* target = patches + (i * Size * PatchStride) + (first - Tiles.Start);
                if (Blocking.TileSize == MaximumTileSize)
                {
                    Spread4(row, count, target);
                }
                else
                {
                    Spread2(row, count, target);
                }
            }

            first += count;
        }

        // The last vector's other lanes are multiplied, too: what the stack left there may be denormal, with which an Intel core multiplies in microcode.
        if (Tiles.Length % TSimd.Count != 0)
        {
            for (int element = 0; element < Size * Size; element++)
            {
                Vector512<float>.Zero.Store(patches + (element * PatchStride) + Tiles.Length);
            }
        }
    }

    /// <summary>Columns of one row; zeros outside the map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void CopyRow(int channel, int row, int column, int count, float* target)
    {
        if (row < 0 || row >= InputShape.Rows)
        {
            new Span<float>(target, count).Clear();
            return;
        }

        int start = Math.Clamp(-column, 0, count);
        int end = Math.Clamp(InputShape.Columns - column, start, count);
        for (int i = 0; i < start; i++)
        {
            target[i] = 0;
        }

        if (start < end)
        {
            FloatRun.Copy(Input.At(channel, row, column + start), target + start, end - start);
        }

        for (int i = end; i < count; i++)
        {
            target[i] = 0;
        }
    }

    /// <summary>row[4·tile + j] to target[j][tile], j from 0 to 5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread4(float* row, int count, float* target)
    {
        Vector128<float> r0 = Vector128.Load(row);
        for (int tile = 0; tile < count; tile += 4, row += 16, target += 4)
        {
            Vector128<float> r1 = Vector128.Load(row + 4);
            Vector128<float> r2 = Vector128.Load(row + 8);
            Vector128<float> r3 = Vector128.Load(row + 12);
            Vector128<float> r4 = Vector128.Load(row + 16);
            Vector128<float> low01 = Transpose.ZipLow(r0, r1);
            Vector128<float> low23 = Transpose.ZipLow(r2, r3);
            Vector128<float> high01 = Transpose.ZipHigh(r0, r1);
            Vector128<float> high23 = Transpose.ZipHigh(r2, r3);
            Vector128<float> low12 = Transpose.ZipLow(r1, r2);
            Vector128<float> low34 = Transpose.ZipLow(r3, r4);
            Transpose.Low(low01, low23).Store(target);
            Transpose.High(low01, low23).Store(target + PatchStride);
            Transpose.Low(high01, high23).Store(target + (2 * PatchStride));
            Transpose.High(high01, high23).Store(target + (3 * PatchStride));
            Transpose.Low(low12, low34).Store(target + (4 * PatchStride));
            Transpose.High(low12, low34).Store(target + (5 * PatchStride));
            r0 = r4;
        }
    }

    /// <summary>row[2·tile + j] to target[j][tile], j from 0 to 5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread2(float* row, int count, float* target)
    {
        for (int tile = 0; tile < count; tile += 4, row += 8, target += 4)
        {
            for (int j = 0; j < Size; j += 2)
            {
                Vector128<float> low = Vector128.Load(row + j);
                Vector128<float> high = Vector128.Load(row + j + 4);
                Transpose.Even(low, high).Store(target + (j * PatchStride));
                Transpose.Odd(low, high).Store(target + ((j + 1) * PatchStride));
            }
        }
    }
}
