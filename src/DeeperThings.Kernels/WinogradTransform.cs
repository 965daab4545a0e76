using System.Runtime.CompilerServices;

namespace DeeperThings.Kernels;

/// <summary>
/// The one-dimensional transforms of F(4, 3); in two dimensions V = Bᵀ d B, U = G g Gᵀ, Y = Aᵀ M A, columns of the matrix first.
/// The points are 0, 1, -1, 1/2, -2, ∞: half the error of 0, 1, -1, 2, -2, ∞, for two operations more.
/// <code>
///      1 -3/2  -2  3/2  1  0             1      0     0            1  1  1   1   1  0
///      0  -1  1/2  5/2  1  0            1/3    1/3   1/3     Aᵀ =  0  1 -1  1/2 -2  0
/// Bᵀ = 0   1 -5/2  1/2  1  0     G =   -1/3    1/3  -1/3           0  1  1  1/4  4  0
///      0  -2  -1    2   1  0          -16/15  -8/15 -4/15          0  1 -1  1/8 -8  1
///      0  1/2 -1  -1/2  1  0            1/15  -2/15  4/15
///      0   1 -3/2  -2  3/2 1             0      0     1
/// </code>
/// Every vector width computes the same operations, element by element.
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
        TVector two = TSimd.Create(2f);
        TVector minusTwo = TSimd.Create(-2f);
        TVector threeHalves = TSimd.Create(1.5f);
        TVector s = TSimd.Subtract(d3, d1);
        TVector t = TSimd.Subtract(d4, d2);
        TVector even = TSimd.MultiplyAdd(threeHalves, d3, t);
        TVector odd = TSimd.MultiplyAdd(threeHalves, d2, s);
        TSimd.Store(TSimd.MultiplyAdd(minusTwo, d2, TSimd.MultiplyAdd(threeHalves, s, TSimd.Add(d0, d4))), target);
        TSimd.Store(TSimd.Add(even, odd), target + targetStride);
        TSimd.Store(TSimd.Subtract(even, odd), target + (2 * targetStride));
        TSimd.Store(TSimd.MultiplyAdd(two, s, t), target + (3 * targetStride));
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(-0.5f), s, t), target + (4 * targetStride));
        TSimd.Store(TSimd.MultiplyAdd(minusTwo, d3, TSimd.MultiplyAdd(threeHalves, t, TSimd.Add(d1, d5))), target + (5 * targetStride));
    }

    /// <summary>Three weights to six values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Filter(float* source, nint sourceStride, float* target, nint targetStride)
    {
        TVector g0 = TSimd.Load(source);
        TVector g1 = TSimd.Load(source + sourceStride);
        TVector g2 = TSimd.Load(source + (2 * sourceStride));
        TVector third = TSimd.Create(1f / 3);
        TVector middle = TSimd.Multiply(g1, third);
        TVector outer = TSimd.Multiply(TSimd.Add(g0, g2), third);
        TVector half = TSimd.MultiplyAdd(g1, TSimd.Create(-8f / 15), TSimd.Multiply(g2, TSimd.Create(-4f / 15)));
        TVector minusTwo = TSimd.MultiplyAdd(g1, TSimd.Create(-2f / 15), TSimd.Multiply(g2, TSimd.Create(4f / 15)));
        TSimd.Store(g0, target);
        TSimd.Store(TSimd.Add(middle, outer), target + targetStride);
        TSimd.Store(TSimd.Subtract(middle, outer), target + (2 * targetStride));
        TSimd.Store(TSimd.MultiplyAdd(g0, TSimd.Create(-16f / 15), half), target + (3 * targetStride));
        TSimd.Store(TSimd.MultiplyAdd(g0, TSimd.Create(1f / 15), minusTwo), target + (4 * targetStride));
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
        TSimd.Store(TSimd.Add(TSimd.Add(m0, sum), TSimd.Add(m3, m4)), target);
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(0.5f), m3, TSimd.MultiplyAdd(TSimd.Create(-2f), m4, difference)), target + targetStride);
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Create(0.25f), m3, TSimd.MultiplyAdd(TSimd.Create(4f), m4, sum)), target + (2 * targetStride));
        TSimd.Store(TSimd.Add(TSimd.MultiplyAdd(TSimd.Create(0.125f), m3, TSimd.MultiplyAdd(TSimd.Create(-8f), m4, difference)), m5), target + (3 * targetStride));
    }
}
