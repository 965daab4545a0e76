using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>The widest register tile, again and again: a panel of A, a micro-panel of B and a tile of C that stay in the nearest caches. See <see cref="KernelSpeed"/>.</summary>
internal readonly unsafe struct MicroKernelWork<TVector, TSimd>(NativeBuffer operands) : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    private const int PanelRows = 8;
    private const int K = 320;
    private const int Runs = 40;

    private readonly float* _operands = operands.Data;

    public static long FloatsCount => (K * (PanelRows + Columns)) + (PanelRows * Columns);

    public static double FlopsOfPiece => 2.0 * Runs * PanelRows * Columns * K;

    private static int Columns => 3 * TSimd.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Invoke(int index)
    {
        float* b = _operands + (K * PanelRows);
        float* c = b + (K * Columns);
        for (int run = 0; run < Runs; run++)
        {
            for (int row = 0; row < PanelRows; row += TSimd.TileRows)
            {
                MicroKernel<TVector, TSimd>.Run(TSimd.TileRows, 3, _operands + row, PanelRows, b, K, c + (row * Columns), Columns, accumulate: false, Ahead.Nothing(_operands));
            }
        }
    }
}
