using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// Multiplies a block of B with the filters of a group: C += A · B over one block of k, and bias and activation after the last one.
/// A piece of the work is <see cref="PieceFilterPanels"/> panels of filters × <see cref="PieceColumnPanels"/> micro-panels of columns, which depends on the problem only.
/// </summary>
internal unsafe struct TileWork<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    /// <summary>The group's packed filters.</summary>
    public float* Filters;

    /// <summary>How <see cref="Filters"/> are stored.</summary>
    public ElementType WeightType;

    /// <summary>The group's filters that are computed, as channels of the output.</summary>
    public Interval FilterInterval;
    public int PanelRows;
    public int K;
    public Interval Ks;
    public Interval Ns;
    public float* Packed;
    public FeatureMap Output;
    public Region Region;

    /// <summary>Bias of the group's first filter that is computed, or null.</summary>
    public float* Bias;
    public Activation Activation;
    public int PieceFilterPanels;
    public int PieceColumnPanels;

    public readonly int Pieces => FilterPieces * ((ColumnPanels + PieceColumnPanels - 1) / PieceColumnPanels);

    private readonly int FilterPanels => (FilterInterval.Length + PanelRows - 1) / PanelRows;

    private readonly int FilterPieces => (FilterPanels + PieceFilterPanels - 1) / PieceFilterPanels;

    private readonly int ColumnPanels => (Ns.Length + (3 * TSimd.Count) - 1) / (3 * TSimd.Count);

    public void ChoosePieces()
    {
        PieceFilterPanels = Math.Min(FilterPanels, 8);
        PieceColumnPanels = FilterPieces >= 8 ? ColumnPanels : (ColumnPanels + 3) / 4;
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int index)
    {
        float* tile = stackalloc float[8 * 3 * 16];
        float* expanded = stackalloc float[8 * ConvolutionBlocking.MaximumKc];
        int filterPiece = index % FilterPieces;
        int columnPiece = index / FilterPieces;
        int endPanel = Math.Min((filterPiece + 1) * PieceFilterPanels, FilterPanels);
        int endColumn = Math.Min((columnPiece + 1) * PieceColumnPanels, ColumnPanels);
        int tileRows = Math.Min(PanelRows, TSimd.TileRows);
        int firstPanel = filterPiece * PieceFilterPanels;
        int firstColumn = columnPiece * PieceColumnPanels;
        for (int panel = firstPanel; panel < endPanel; panel++)
        {
            int endRow = Math.Min((panel + 1) * PanelRows, FilterInterval.Length);
            float* filters = Weights(panel, Ks.Start);
            if (WeightType == ElementType.Float16)
            {
                Float16.Expand<TVector, TSimd>((ushort*)filters, expanded, (nint)Ks.Length * PanelRows);
                filters = expanded;
            }

            Ahead ahead = panel + 1 < endPanel
                ? new(Weights(panel + 1, Ks.Start), PanelFloats(Ks.Length), endColumn - firstColumn, Ks.Length)
                : new(Weights(firstPanel, Ks.End), PanelFloats(Math.Min(Ks.Length, K - Ks.End)), endColumn - firstColumn, Ks.Length);
            for (int column = firstColumn; column < endColumn; column++, ahead = ahead.Next)
            {
                var columns = new TileColumns(this, column);
                for (int row = panel * PanelRows; row < endRow; row += tileRows)
                {
                    Tile(filters + (row % PanelRows), row, Math.Min(tileRows, endRow - row), columns, tile, ahead);
                }
            }
        }
    }

    /// <summary>Where the weights of a panel begin, from some k on.</summary>
    private readonly float* Weights(int panel, int k) => Filters + WeightType.Room((((long)panel * K) + k) * PanelRows);

    /// <summary>Floats whose room the weights of a panel take.</summary>
    private readonly int PanelFloats(int length) => (int)WeightType.Room((long)length * PanelRows);

    private readonly void Tile(float* a, int row, int rows, in TileColumns columns, float* tile, in Ahead ahead)
    {
        int tileRows = rows > 4 ? 8 : 4;
        nint stride = (nint)Output.ChannelStride;
        float* output = columns.Output + (row * stride);
        bool accumulate = Ks.Start > 0;
        if (columns.IsContiguous && rows == tileRows)
        {
            Prefetch(output, stride, rows);
            MicroKernel<TVector, TSimd>.Run(tileRows, columns.Vectors, a, PanelRows, columns.B, Ks.Length, output, stride, accumulate, ahead);
            Finish(row, rows, columns.Count, output, stride);
            return;
        }

        // The tile does not lie in the map as the kernel writes it: it is computed beside and copied.
        nint tileStride = columns.Vectors * TSimd.Count;
        for (int r = 0; accumulate && r < rows; r++)
        {
            CopyRow(output + (r * stride), tile + (r * tileStride), columns, toTile: true);
        }

        MicroKernel<TVector, TSimd>.Run(tileRows, columns.Vectors, a, PanelRows, columns.B, Ks.Length, tile, tileStride, accumulate, ahead);
        Finish(row, rows, columns.Count, tile, tileStride);
        for (int r = 0; r < rows; r++)
        {
            CopyRow(output + (r * stride), tile + (r * tileStride), columns, toTile: false);
        }
    }

    /// <summary>Begins to load what the kernel will read or write at its end: rows of a tile are planes apart, which no hardware foresees.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* output, nint stride, int rows)
    {
        const int Line = 16;
        if (Sse.IsSupported)
        {
            for (int r = 0; r < rows; r++, output += stride)
            {
                for (int i = 0; i < 3 * TSimd.Count; i += Line)
                {
                    Sse.Prefetch0(output + i);
                }
            }
        }
    }

    /// <summary>Bias and activation, when this was the last block of k.</summary>
    private readonly void Finish(int row, int rows, int columns, float* tile, nint stride)
    {
        if (Ks.End == K && (Bias is not null || Activation != Activation.Linear))
        {
            Epilogue<TVector, TSimd>.Run(tile, stride, rows, columns, Bias is null ? null : Bias + row, Activation);
        }
    }

    /// <summary>Copies a row of the tile from or to the runs of the output map in which it lies.</summary>
    private readonly void CopyRow(float* output, float* tile, in TileColumns columns, bool toTile)
    {
        int gap = Output.RowStride - Region.Columns.Length;
        int length = gap == 0 ? columns.Count : Math.Min(Region.Columns.Length - columns.X, columns.Count);
        for (int rest = columns.Count; rest > 0; length = Math.Min(Region.Columns.Length, rest))
        {
            float* source = toTile ? output : tile;
            float* target = toTile ? tile : output;
            for (int i = 0; i < length; i++)
            {
                target[i] = source[i];
            }

            output += length + gap;
            tile += length;
            rest -= length;
        }
    }

    /// <summary>A micro-panel: which of the region's columns, and where they begin in B and in the output.</summary>
    private readonly struct TileColumns
    {
        public TileColumns(in TileWork<TVector, TSimd> work, int panel)
        {
            int start = panel * 3 * TSimd.Count;
            int n = work.Ns.Start + start;
            int width = work.Region.Columns.Length;
            Count = Math.Min(3 * TSimd.Count, work.Ns.Length - start);
            Vectors = (Count + TSimd.Count - 1) / TSimd.Count;
            X = n % width;
            B = work.Packed + ((long)start * work.Ks.Length);
            Output = work.Output.At(work.FilterInterval.Start, work.Region.Rows.Start + (n / width), work.Region.Columns.Start + X);
            IsContiguous = Count == Vectors * TSimd.Count && (work.Output.RowStride == width || X + Count <= width);
        }

        public int Count { get; }

        public int Vectors { get; }

        /// <summary>Position of the first column in its output row.</summary>
        public int X { get; }

        public float* B { get; }

        /// <summary>Where the first column of the group's first filter lies.</summary>
        public float* Output { get; }

        /// <summary>Whether whole vectors lie in one run of the output map.</summary>
        public bool IsContiguous { get; }
    }
}
