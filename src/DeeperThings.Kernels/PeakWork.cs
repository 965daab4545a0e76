using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>FMAs on registers alone: twelve chains, more than any core's latency times its units. See <see cref="KernelSpeed"/>.</summary>
internal readonly unsafe struct PeakWork<TVector, TSimd>(NativeBuffer sums) : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    /// <summary>Floats of <c>sums</c> for each piece.</summary>
    public const int PieceFloats = 16;

    private const int Steps = 20_000;
    private const int Chains = 12;

    private readonly float* _sums = sums.Data;

    public static double FlopsOfPiece => 2.0 * Steps * Chains * TSimd.Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Invoke(int index)
    {
        TVector half = TSimd.Create(0.5f);
        TVector one = TSimd.Create(1f);
        TVector a = half, b = one, c = half, d = one, e = half, f = one, g = half, h = one, i = half, j = one, k = half, l = one;
        for (int step = 0; step < Steps; step++)
        {
            a = TSimd.MultiplyAdd(a, half, one);
            b = TSimd.MultiplyAdd(b, half, one);
            c = TSimd.MultiplyAdd(c, half, one);
            d = TSimd.MultiplyAdd(d, half, one);
            e = TSimd.MultiplyAdd(e, half, one);
            f = TSimd.MultiplyAdd(f, half, one);
            g = TSimd.MultiplyAdd(g, half, one);
            h = TSimd.MultiplyAdd(h, half, one);
            i = TSimd.MultiplyAdd(i, half, one);
            j = TSimd.MultiplyAdd(j, half, one);
            k = TSimd.MultiplyAdd(k, half, one);
            l = TSimd.MultiplyAdd(l, half, one);
        }

        TVector sum = TSimd.Add(TSimd.Add(TSimd.Add(a, b), TSimd.Add(c, d)), TSimd.Add(TSimd.Add(e, f), TSimd.Add(g, h)));
        TSimd.Store(TSimd.Add(sum, TSimd.Add(TSimd.Add(i, j), TSimd.Add(k, l))), _sums + (index * PieceFloats));
    }
}
