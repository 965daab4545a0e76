using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// C[filters, columns] (+)= A[filters, k] · B[k, columns] for the few columns of a map that are left when whole tiles are done, as 7 × 7 = 3 · 16 + 1: vectors run along the filters
/// of a panel, where a tile of <see cref="MicroKernel{TVector, TSimd}"/> would be mostly padding. Each element is the same chain of FMAs, k ascending, so it has the same bits.
/// </summary>
internal readonly unsafe struct ColumnKernel
{
    /// <summary>With more columns a tile is as fast.</summary>
    public const int MostColumns = 4;

    /// <summary>Panels that are computed together, at most: enough chains to keep the machine busy.</summary>
    public const int MostPanels = 4;

    private const int Rows = PackedFilters.MostPanelRows;
    private const int PanelsOfColumn = MostPanels;
    private const int PanelsOfColumns = 2;

    /// <summary>Packed filters of the first panel, [k][8 filters].</summary>
    public required float* Filters { get; init; }

    /// <summary>Floats from one panel of <see cref="Filters"/> to the next.</summary>
    public required nint FilterStride { get; init; }

    /// <summary>[k][<see cref="InputStride"/> floats], of which the first are the columns; there are at least 4.</summary>
    public required float* Inputs { get; init; }

    public required nint InputStride { get; init; }

    /// <summary>Length of a chain.</summary>
    public required nint K { get; init; }

    /// <summary>At most <see cref="MostColumns"/>.</summary>
    public required int Columns { get; init; }

    /// <summary>The columns of the first filter.</summary>
    public required float* Products { get; init; }

    /// <summary>Floats from one filter of a panel to the next.</summary>
    public required nint RowStride { get; init; }

    /// <summary>Floats from one panel of <see cref="Products"/> to the next.</summary>
    public required nint ProductStride { get; init; }

    /// <summary>Whether the chains continue from what is there, else from zero.</summary>
    public required bool Accumulate { get; init; }

    /// <summary>What is added behind the chains: a float for each filter, or null.</summary>
    public float* Bias { get; init; }

    /// <summary>What is applied after that.</summary>
    public Activation Activation { get; init; }

    /// <summary>Whether a kernel with vectors of <paramref name="vectorFloats"/> floats gains from it: shorter ones waste less, and have a panel in pieces.</summary>
    public static bool IsFaster(int vectorFloats) => vectorFloats >= Rows;

    /// <summary>Computes the columns of all of so many panels but an odd one.</summary>
    /// <returns>Panels that are done.</returns>
    [SkipLocalsInit]
    public int Run(int panels)
    {
        float* chains = stackalloc float[PanelsOfColumns * Rows * MostColumns];
        int panel = 0;
        while (panel + PanelsOfColumns <= panels)
        {
            int count = Columns == 1 && panel + PanelsOfColumn <= panels ? PanelsOfColumn : PanelsOfColumns;
            Run(panel, count, chains);
            panel += count;
        }

        return panel;
    }

    private void Run(int panel, int count, float* chains)
    {
        float* filters = Filters + (panel * FilterStride);
        float* products = Products + (panel * ProductStride);
        int chainCount = count * Rows;
        int chainColumns = count == PanelsOfColumn ? 1 : MostColumns;
        new Span<float>(chains, chainCount * chainColumns).Clear();
        for (int filter = 0; Accumulate && filter < chainCount; filter++)
        {
            float* row = products + (filter / Rows * ProductStride) + (filter % Rows * RowStride);
            for (int column = 0; column < Columns; column++)
            {
                chains[(column * chainCount) + filter] = row[column];
            }
        }

        if (count == PanelsOfColumn)
        {
            OneColumn(filters, FilterStride, Inputs, InputStride, K, chains);
        }
        else
        {
            FourColumns(filters, FilterStride, Inputs, InputStride, K, chains);
        }

        for (int column = 0; column < Columns && Bias is not null; column++)
        {
            VectorLoops.Add(Bias + (panel * Rows), chains + (column * chainCount), chainCount);
        }

        VectorLoops.Activate(chains, Columns * chainCount, Activation);
        for (int filter = 0; filter < chainCount; filter++)
        {
            float* row = products + (filter / Rows * ProductStride) + (filter % Rows * RowStride);
            for (int column = 0; column < Columns; column++)
            {
                row[column] = chains[(column * chainCount) + filter];
            }
        }
    }

    /// <summary>One column of 4 panels.</summary>
    /// <param name="c">[32 filters], to which is added.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void OneColumn(float* a, nint panelStride, float* b, nint bStride, nint k, float* c)
    {
        Vector256<float> c0 = Simd256.Load(c), c1 = Simd256.Load(c + Rows), c2 = Simd256.Load(c + (2 * Rows)), c3 = Simd256.Load(c + (3 * Rows));
        float* second = a + (2 * panelStride);
        for (; k > 0; k--, a += Rows, second += Rows, b += bStride)
        {
            Vector256<float> b0 = Simd256.Create(b[0]);
            c0 = Simd256.MultiplyAdd(Simd256.Load(a), b0, c0);
            c1 = Simd256.MultiplyAdd(Simd256.Load(a + panelStride), b0, c1);
            c2 = Simd256.MultiplyAdd(Simd256.Load(second), b0, c2);
            c3 = Simd256.MultiplyAdd(Simd256.Load(second + panelStride), b0, c3);
        }

        Simd256.Store(c0, c);
        Simd256.Store(c1, c + Rows);
        Simd256.Store(c2, c + (2 * Rows));
        Simd256.Store(c3, c + (3 * Rows));
    }

    /// <summary>Four columns of 2 panels.</summary>
    /// <param name="c">[4 columns][16 filters], to which is added.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void FourColumns(float* a, nint panelStride, float* b, nint bStride, nint k, float* c)
    {
        const int Column = PanelsOfColumns * Rows;
        Vector256<float> c00 = Simd256.Load(c), c10 = Simd256.Load(c + Rows);
        Vector256<float> c01 = Simd256.Load(c + Column), c11 = Simd256.Load(c + Column + Rows);
        Vector256<float> c02 = Simd256.Load(c + (2 * Column)), c12 = Simd256.Load(c + (2 * Column) + Rows);
        Vector256<float> c03 = Simd256.Load(c + (3 * Column)), c13 = Simd256.Load(c + (3 * Column) + Rows);
        for (; k > 0; k--, a += Rows, b += bStride)
        {
            Vector256<float> a0 = Simd256.Load(a);
            Vector256<float> a1 = Simd256.Load(a + panelStride);
            Vector256<float> b0 = Simd256.Create(b[0]);
            c00 = Simd256.MultiplyAdd(a0, b0, c00);
            c10 = Simd256.MultiplyAdd(a1, b0, c10);
            Vector256<float> b1 = Simd256.Create(b[1]);
            c01 = Simd256.MultiplyAdd(a0, b1, c01);
            c11 = Simd256.MultiplyAdd(a1, b1, c11);
            Vector256<float> b2 = Simd256.Create(b[2]);
            c02 = Simd256.MultiplyAdd(a0, b2, c02);
            c12 = Simd256.MultiplyAdd(a1, b2, c12);
            Vector256<float> b3 = Simd256.Create(b[3]);
            c03 = Simd256.MultiplyAdd(a0, b3, c03);
            c13 = Simd256.MultiplyAdd(a1, b3, c13);
        }

        Simd256.Store(c00, c);
        Simd256.Store(c10, c + Rows);
        Simd256.Store(c01, c + Column);
        Simd256.Store(c11, c + Column + Rows);
        Simd256.Store(c02, c + (2 * Column));
        Simd256.Store(c12, c + (2 * Column) + Rows);
        Simd256.Store(c03, c + (3 * Column));
        Simd256.Store(c13, c + (3 * Column) + Rows);
    }
}
