using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Y = activation(Aᵀ M A + bias) for a block of filters and tiles, as far as it lies in the region. A piece of the work is one panel of filters.</summary>
internal unsafe struct WinogradOutput<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    private const int Size = WinogradBlocking.PatchSize;
    private const int MaximumTileSize = 4;
    private const int Rows = WinogradBlocking.PanelRows;

    public WinogradBlocking Blocking;
    public float* Products;

    /// <summary>The filters of the block, as channels of the output.</summary>
    public Interval Filters;
    public Interval Tiles;
    public FeatureMap Output;
    public Region Region;

    /// <summary>Bias of the block's first filter, or null.</summary>
    public float* Bias;
    public Activation Activation;

    public readonly int Pieces => (Filters.Length + Rows - 1) / Rows;

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int index)
    {
        const int Stride = WinogradBlocking.MaximumTiles;
        float* half = stackalloc float[MaximumTileSize * Size * 16];
        float* outputs = stackalloc float[(MaximumTileSize * MaximumTileSize * Stride) + 16];
        int stored = (Tiles.Length + TSimd.Count - 1) / TSimd.Count * TSimd.Count;
        int end = Math.Min((index + 1) * Rows, Filters.Length);
        for (int filter = index * Rows; filter < end; filter++)
        {
            float* products = Products + ((nint)index * (nint)Blocking.PanelCount) + ((nint)(filter - (index * Rows)) * Blocking.BlockTiles);
            for (int tile = 0; tile < stored; tile += TSimd.Count)
            {
                CacheLine.Prefetch(products + tile + (2 * CacheLine.Floats), Blocking.ProductStride, WinogradBlocking.Frequencies);
                if (Blocking.TileSize == MaximumTileSize)
                {
                    Transform4(products + tile, Blocking.ProductStride, half, outputs + tile, stored);
                }
                else
                {
                    Transform2(products + tile, Blocking.ProductStride, half, outputs + tile, stored);
                }
            }

            float* bias = Bias is null ? null : Bias + filter;
            if (bias is not null || Activation != Activation.Linear)
            {
                Epilogue<TVector, TSimd>.Run(outputs, 0, 1, Blocking.TileSize * Blocking.TileSize * stored, bias, Activation);
            }

            Scatter(Filters.Start + filter, outputs, stored);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transform4(float* products, nint stride, float* half, float* outputs, nint outputStride)
    {
        for (int column = 0; column < Size; column++)
        {
            WinogradTransform<TVector, TSimd>.Output4(products + (column * stride), Size * stride, half + (column * TSimd.Count), Size * TSimd.Count);
        }

        for (int line = 0; line < MaximumTileSize; line++)
        {
            WinogradTransform<TVector, TSimd>.Output4(half + (line * Size * TSimd.Count), TSimd.Count, outputs + (line * MaximumTileSize * outputStride), outputStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transform2(float* products, nint stride, float* half, float* outputs, nint outputStride)
    {
        for (int column = 0; column < Size; column++)
        {
            WinogradTransform<TVector, TSimd>.Output2(products + (column * stride), Size * stride, half + (column * TSimd.Count), Size * TSimd.Count);
        }

        for (int line = 0; line < 2; line++)
        {
            WinogradTransform<TVector, TSimd>.Output2(half + (line * Size * TSimd.Count), TSimd.Count, outputs + (line * 2 * outputStride), outputStride);
        }
    }

    /// <summary>outputs[row][column][tile] to the map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Scatter(int filter, float* outputs, nint stride)
    {
        int tileSize = Blocking.TileSize;
        int width = Blocking.TileColumns.Length;
        int first = Tiles.Start;
        while (first < Tiles.End)
        {
            int line = first / width;
            int column = first - (line * width);
            int count = Math.Min(width - column, Tiles.End - first);
            int outputRow = (Blocking.TileRows.Start + line) * tileSize;
            int outputColumn = (Blocking.TileColumns.Start + column) * tileSize;
            for (int i = Math.Max(0, Region.Rows.Start - outputRow); i < Math.Min(tileSize, Region.Rows.End - outputRow); i++)
            {
                // May point in front of the map's row: the first tile's columns outside the region are not written.
                float* target = Output.At(filter, outputRow + i, Region.Columns.Start) + (outputColumn - Region.Columns.Start);
                ScatterRow(outputs + (i * tileSize * stride) + (first - Tiles.Start), stride, count, Region.Columns.Shift(-outputColumn), target);
            }

            first += count;
        }
    }

    /// <summary>source[column][tile] to target[tile size · tile + column], as far as it is in <paramref name="wanted"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void ScatterRow(float* source, nint stride, int count, Interval wanted, float* target)
    {
        int tile = 0;
        int tileSize = Blocking.TileSize;
        if (wanted.Start > 0)
        {
            ScatterTile(source, stride, 0, wanted, target);
            tile = 1;
        }

        for (; tile + 4 <= count && (tile + 4) * tileSize <= wanted.End; tile += 4)
        {
            Vector128<float> c0 = Vector128.Load(source + tile);
            Vector128<float> c1 = Vector128.Load(source + stride + tile);
            if (tileSize == 2)
            {
                Transpose.ZipLow(c0, c1).Store(target + (tile * 2));
                Transpose.ZipHigh(c0, c1).Store(target + (tile * 2) + 4);
                continue;
            }

            Vector128<float> c2 = Vector128.Load(source + (2 * stride) + tile);
            Vector128<float> c3 = Vector128.Load(source + (3 * stride) + tile);
            Vector128<float> low01 = Transpose.ZipLow(c0, c1);
            Vector128<float> low23 = Transpose.ZipLow(c2, c3);
            Vector128<float> high01 = Transpose.ZipHigh(c0, c1);
            Vector128<float> high23 = Transpose.ZipHigh(c2, c3);
            Transpose.Low(low01, low23).Store(target + (tile * tileSize));
            Transpose.High(low01, low23).Store(target + ((tile + 1) * tileSize));
            Transpose.Low(high01, high23).Store(target + ((tile + 2) * tileSize));
            Transpose.High(high01, high23).Store(target + ((tile + 3) * tileSize));
        }

        for (; tile < count; tile++)
        {
            ScatterTile(source, stride, tile, wanted, target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void ScatterTile(float* source, nint stride, int tile, Interval wanted, float* target)
    {
        int tileSize = Blocking.TileSize;
        int end = Math.Min((tile + 1) * tileSize, wanted.End);
        for (int column = Math.Max(tile * tileSize, wanted.Start); column < end; column++)
        {
            target[column] = source[((column - (tile * tileSize)) * stride) + tile];
        }
    }
}
