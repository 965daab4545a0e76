using System.Runtime.CompilerServices;

namespace DeeperThings.Kernels;

/// <summary>
/// The one-dimensional transforms of F(4, 3) with the points 0, 1, -1, 2, -2, ∞; in two dimensions V = Bᵀ d B, U = G g Gᵀ, Y = Aᵀ M A,
/// columns of the matrix first. Every vector width computes the same operations, element by element.
/// </summary>
internal static unsafe class WinogradTransform<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    /// <summary>Six inputs at a distance of <paramref name="sourceStride"/> to six values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input(float* source, nint sourceStride, float* target, nint targetStride)
    {
        TVector d0 = TSimd.Load(source);
        TVector d1 = TSimd.Load(source + sourceStride);
        TVector d2 = TSimd.Load(source + (2 * sourceStride));
        TVector d3 = TSimd.Load(source + (3 * sourceStride));
        TVector d4 = TSimd.Load(source + (4 * sourceStride));
        TVector d5 = TSimd.Load(source + (5 * sourceStride));
        TVector four = TSimd.Create(4f);
        TVector minusFour = TSimd.Create(-4f);
        TVector minusFive = TSimd.Create(-5f);
        TVector even = TSimd.MultiplyAdd(minusFour, d2, d4);
        TVector odd = TSimd.MultiplyAdd(minusFour, d1, d3);
        TVector evenTwo = TSimd.Subtract(d4, d2);
        TVector oddTwo = TSimd.Subtract(d3, d1);
        oddTwo = TSimd.Add(oddTwo, oddTwo);
        TSimd.Store(TSimd.MultiplyAdd(four, d0, TSimd.MultiplyAdd(minusFive, d2, d4)), target);
        TSimd.Store(TSimd.Add(even, odd), target + targetStride);
        TSimd.Store(TSimd.Subtract(even, odd), target + (2 * targetStride));
        TSimd.Store(TSimd.Add(evenTwo, oddTwo), target + (3 * targetStride));
        TSimd.Store(TSimd.Subtract(evenTwo, oddTwo), target + (4 * targetStride));
        TSimd.Store(TSimd.MultiplyAdd(four, d1, TSimd.MultiplyAdd(minusFive, d3, d5)), target + (5 * targetStride));
    }

    /// <summary>Three weights to six values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Filter(float* source, nint sourceStride, float* target, nint targetStride)
    {
        TVector g0 = TSimd.Load(source);
        TVector g1 = TSimd.Load(source + sourceStride);
        TVector g2 = TSimd.Load(source + (2 * sourceStride));
        TVector sixth = TSimd.Create(1f / 6);
        TVector middle = TSimd.Multiply(g1, sixth);
        TVector outer = TSimd.Multiply(TSimd.Add(g0, g2), TSimd.Create(-1f / 6));
        TVector outerTwo = TSimd.MultiplyAdd(g0, TSimd.Create(1f / 24), TSimd.Multiply(g2, sixth));
        TSimd.Store(TSimd.Multiply(g0, TSimd.Create(0.25f)), target);
        TSimd.Store(TSimd.Subtract(outer, middle), target + targetStride);
        TSimd.Store(TSimd.Add(outer, middle), target + (2 * targetStride));
        TSimd.Store(TSimd.MultiplyAdd(g1, TSimd.Create(1f / 12), outerTwo), target + (3 * targetStride));
        TSimd.Store(TSimd.MultiplyAdd(g1, TSimd.Create(-1f / 12), outerTwo), target + (4 * targetStride));
        TSimd.Store(g2, target + (5 * targetStride));
    }

    /// <summary>Six products to four outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output(float* source, nint sourceStride, float* target, nint targetStride)
    {
        TVector m0 = TSimd.Load(source);
        TVector m1 = TSimd.Load(source + sourceStride);
        TVector m2 = TSimd.Load(source + (2 * sourceStride));
        TVector m3 = TSimd.Load(source + (3 * sourceStride));
        TVector m4 = TSimd.Load(source + (4 * sourceStride));
        TVector m5 = TSimd.Load(source + (5 * sourceStride));
        TVector sum = TSimd.Add(m1, m2);
        TVector difference = TSimd.Subtract(m1, m2);
        TVector sumTwo = TSimd.Add(m3, m4);
        TVector differenceTwo = TSimd.Subtract(m3, m4);
        TSimd.Store(TSimd.Add(TSimd.Add(m0, sum), sumTwo), target);
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(2f), differenceTwo, difference), target + targetStride);
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(4f), sumTwo, sum), target + (2 * targetStride));
        TSimd.Store(TSimd.Add(TSimd.MultiplyAdd(TSimd.Create(8f), differenceTwo, difference), m5), target + (3 * targetStride));
    }
}
