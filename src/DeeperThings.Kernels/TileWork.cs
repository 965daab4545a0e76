using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// Multiplies a block of B with the filters of a group: C += A · B over one block of k, and bias and activation after the last one.
/// A piece of the work is <see cref="PieceFilterPanels"/> panels of filters × <see cref="PieceColumnPanels"/> micro-panels of columns.
/// </summary>
internal unsafe struct TileWork<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    // One that has a slower core gives the last one away.
    private const int PiecesOfThread = 2;

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

    /// <summary>Whether these are the last steps of the chains.</summary>
    private readonly bool IsLast => Ks.End == K;

    private readonly int FilterPanels => (FilterInterval.Length + PanelRows - 1) / PanelRows;

    private readonly int FilterPieces => (FilterPanels + PieceFilterPanels - 1) / PieceFilterPanels;

    private readonly MicroPanels MicroPanels => new(Ns.Length, TSimd.Count);

    private readonly int ColumnPanels => MicroPanels.Count;

    /// <summary>Filters in runs, so that each thread writes to planes of its own; where they are few, columns too.</summary>
    public void ChoosePieces(int threads)
    {
        const int LeastPanels = 4;
        PieceFilterPanels = Math.Max(Math.Min(FilterPanels, LeastPanels), (FilterPanels + (PiecesOfThread * threads) - 1) / (PiecesOfThread * threads));
        PieceColumnPanels = FilterPieces >= threads ? ColumnPanels : (ColumnPanels + (2 * threads) - 1) / (2 * threads);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int index)
    {
        float* tile = stackalloc float[8 * 3 * 16];
        float* expanded = stackalloc float[8 * ConvolutionBlocking.MaximumKc];
        int filterPiece = index % FilterPieces;
        int columnPiece = index / FilterPieces;
        var panels = new Interval(filterPiece * PieceFilterPanels, Math.Min((filterPiece + 1) * PieceFilterPanels, FilterPanels));
        MicroPanels micro = MicroPanels;
        var columnPanels = new Interval(columnPiece * PieceColumnPanels, Math.Min((columnPiece + 1) * PieceColumnPanels, micro.Count));
        var last = new TileColumns(this, micro[columnPanels.End - 1]);
        bool hasFew = HasFewColumns(last);
        var wide = new Interval(columnPanels.Start, hasFew ? columnPanels.End - 1 : columnPanels.End);
        nint stride = (nint)Output.ChannelStride;

        // The weights of so many panels are still in the nearest caches when they are read again.
        for (int panel = panels.Start; panel < panels.End; panel += ColumnKernel.MostPanels)
        {
            var some = new Interval(panel, Math.Min(panel + ColumnKernel.MostPanels, panels.End));
            Tiles(some, panels, micro, wide, tile, expanded);
            if (hasFew)
            {
                int row = panel * PanelRows;
                var few = new ColumnKernel
                {
                    Filters = Weights(panel, Ks.Start),
                    FilterStride = (nint)K * PanelRows,
                    Inputs = last.B,
                    InputStride = last.Vectors * TSimd.Count,
                    K = Ks.Length,
                    Columns = last.Count,
                    Products = last.Output + (row * stride),
                    RowStride = stride,
                    ProductStride = PanelRows * stride,
                    Accumulate = Ks.Start > 0,
                    Bias = IsLast && Bias is not null ? Bias + row : null,
                    Activation = IsLast ? Activation : Activation.Linear,
                };
                int done = few.Run(Math.Min(some.End, FilterInterval.Length / PanelRows) - panel);
                Tiles(new(panel + done, some.End), panels, micro, new(wide.End, columnPanels.End), tile, expanded);
            }
        }
    }

    /// <param name="panels">What is computed.</param>
    /// <param name="piece">The panels of the piece, in whose order weights are loaded ahead.</param>
    /// <param name="micro">All micro-panels of columns, of which <paramref name="columnPanels"/> are multiplied.</param>
    private readonly void Tiles(Interval panels, Interval piece, in MicroPanels micro, Interval columnPanels, float* tile, float* expanded)
    {
        int tileRows = Math.Min(PanelRows, TSimd.TileRows);
        for (int panel = panels.Start; panel < panels.End && !columnPanels.IsEmpty; panel++)
        {
            int endRow = Math.Min((panel + 1) * PanelRows, FilterInterval.Length);
            float* filters = Weights(panel, Ks.Start);
            if (WeightType == ElementType.Float16)
            {
                Float16.Expand<TVector, TSimd>((ushort*)filters, expanded, (nint)Ks.Length * PanelRows);
                filters = expanded;
            }

            Ahead ahead = panel + 1 < piece.End
                ? new(Weights(panel + 1, Ks.Start), PanelFloats(Ks.Length), columnPanels.Length, Ks.Length)
                : new(Weights(piece.Start, Ks.End), PanelFloats(Math.Min(Ks.Length, K - Ks.End)), columnPanels.Length, Ks.Length);
            for (int column = columnPanels.Start; column < columnPanels.End; column++, ahead = ahead.Next)
            {
                var columns = new TileColumns(this, micro[column]);
                for (int row = panel * PanelRows; row < endRow; row += tileRows)
                {
                    Tile(filters + (row % PanelRows), row, Math.Min(tileRows, endRow - row), columns, tile, ahead);
                }
            }
        }
    }

    /// <summary>Whether <see cref="ColumnKernel"/> takes these columns.</summary>
    private readonly bool HasFewColumns(in TileColumns columns) =>
        ColumnKernel.IsFaster(TSimd.Count) && columns.Count <= ColumnKernel.MostColumns && columns.IsRun && PanelRows == PackedFilters.MostPanelRows && WeightType == ElementType.Float32;

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
            Prefetch(output, stride, rows, columns.Vectors);
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

    /// <summary>Begins to load what the kernel will read or write at its end, and not more, which may be another thread's: rows of a tile are planes apart, which no hardware foresees.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* output, nint stride, int rows, int vectors)
    {
        for (int i = 0; i < vectors; i++)
        {
            CacheLine.Prefetch(output + (i * TSimd.Count), stride, rows);
        }
    }

    /// <summary>Bias and activation, when this was the last block of k.</summary>
    private readonly void Finish(int row, int rows, int columns, float* tile, nint stride)
    {
        if (IsLast && (Bias is not null || Activation != Activation.Linear))
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
            FloatRun.Copy(toTile ? output : tile, toTile ? tile : output, length);
            output += length + gap;
            tile += length;
            rest -= length;
        }
    }

    /// <summary>A micro-panel: which of the region's columns, and where they begin in B and in the output.</summary>
    private readonly struct TileColumns
    {
        public TileColumns(in TileWork<TVector, TSimd> work, Interval columns)
        {
            int n = work.Ns.Start + columns.Start;
            int width = work.Region.Columns.Length;
            Count = columns.Length;
            Vectors = (Count + TSimd.Count - 1) / TSimd.Count;
            X = n % width;
            B = work.Packed + ((long)columns.Start * work.Ks.Length);
            Output = work.Output.At(work.FilterInterval.Start, work.Region.Rows.Start + (n / width), work.Region.Columns.Start + X);
            IsRun = work.Output.RowStride == width || X + Count <= width;
        }

        public int Count { get; }

        public int Vectors { get; }

        /// <summary>Position of the first column in its output row.</summary>
        public int X { get; }

        public float* B { get; }

        /// <summary>Where the first column of the group's first filter lies.</summary>
        public float* Output { get; }

        /// <summary>Whether they lie in one run of the output map.</summary>
        public bool IsRun { get; }

        /// <summary>Whether whole vectors do.</summary>
        public bool IsContiguous => IsRun && Count == Vectors * TSimd.Count;
    }
}
