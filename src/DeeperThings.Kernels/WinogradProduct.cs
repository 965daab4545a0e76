using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>M += U · V for one block of channels; a piece of the work is one frequency. A panel of M is [frequency][8 filters][tile].</summary>
internal unsafe struct WinogradProduct<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    private const int Rows = WinogradBlocking.PanelRows;

    public WinogradBlocking Blocking;
    public float* Filters;
    public float* Inputs;

    /// <summary>M of the first panel.</summary>
    public float* Products;
    public int Panels;

    /// <summary>Channels of V, and those that are multiplied, counted from its first one.</summary>
    public int InputChannels;
    public Interval Channels;
    public MicroPanels Tiles;

    /// <summary>Whether earlier channels are in M.</summary>
    public bool Accumulate;

    /// <summary>The packed weights that are transformed next: they come from memory while the products need none of it.</summary>
    public float* Next;
    public int NextPanels;

    /// <summary>Floats from one panel of the packed weights to the next.</summary>
    public nint PackedStride;

    /// <summary>Floats of a panel that are read.</summary>
    public int NextCount;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int index)
    {
        nint stride = Blocking.BlockTiles;
        nint panelCount = (nint)Blocking.PanelCount;
        float* inputs = Inputs + ((nint)index * Blocking.InputStride);
        int tileRows = Math.Min(Rows, TSimd.TileRows);
        Interval lines = EvenParts.Of(NextCount / CacheLine.Floats, 1, index, WinogradBlocking.Frequencies);
        var next = new Ahead(Next + ((nint)lines.Start * CacheLine.Floats), PackedStride, ((lines.Length * CacheLine.Floats) + Channels.Length - 1) / Channels.Length);
        for (int microPanel = 0; microPanel < Tiles.Count; microPanel++)
        {
            Interval tiles = Tiles[microPanel];
            int tile = tiles.Start;
            int vectors = (tiles.Length + TSimd.Count - 1) / TSimd.Count;
            float* panelInputs = inputs + ((nint)tile * InputChannels) + ((nint)Channels.Start * vectors * TSimd.Count);
            float* filters = Filters + ((nint)index * Blocking.FilterStride);
            float* products = Products + ((nint)index * Blocking.ProductStride) + tile;
            int panel = 0;
            if (ColumnKernel.IsFaster(TSimd.Count) && tiles.Length <= ColumnKernel.MostColumns)
            {
                var few = new ColumnKernel
                {
                    Filters = filters,
                    FilterStride = Rows * Channels.Length,
                    Inputs = panelInputs,
                    InputStride = TSimd.Count,
                    K = Channels.Length,
                    Columns = tiles.Length,
                    Products = products,
                    RowStride = stride,
                    ProductStride = panelCount,
                    Accumulate = Accumulate,
                };
                panel = few.Run(Panels);
                filters += panel * Rows * Channels.Length;
                products += panel * panelCount;
            }

            for (; panel < Panels; panel++, filters += Rows * Channels.Length, products += panelCount)
            {
                if (Accumulate)
                {
                    for (int i = 0; i < 3 * TSimd.Count; i += CacheLine.Floats)
                    {
                        CacheLine.Prefetch(products + i, stride, Rows);
                    }
                }

                Ahead ahead = Ahead.Nothing(filters);
                if (microPanel == 0 && panel < NextPanels)
                {
                    ahead = next;
                    next = next.Next;
                }

                for (int row = 0; row < Rows; row += tileRows)
                {
                    MicroKernel<TVector, TSimd>.Run(
                        tileRows, vectors, filters + row, Rows, panelInputs, Channels.Length, products + (row * stride), stride, Accumulate, ahead);
                }
            }
        }
    }
}
