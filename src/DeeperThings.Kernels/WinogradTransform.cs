using System.Runtime.CompilerServices;

namespace DeeperThings.Kernels;

/// <summary>
/// The one-dimensional transforms of F(4, 3) and of F(2, 5); in two dimensions V = Bᵀ d B, U = G g Gᵀ, Y = Aᵀ M A, columns of the matrix first.
/// The points are 0, 1, -1, 1/2, -2, ∞: half the error of 0, 1, -1, 2, -2, ∞, for two operations more. Bᵀ depends on them only.
/// <code>
///      1 -3/2  -2  3/2  1  0              1      0     0            1  1  1   1   1  0
///      0  -1  1/2  5/2  1  0             1/3    1/3   1/3     Aᵀ =  0  1 -1  1/2 -2  0
/// Bᵀ = 0   1 -5/2  1/2  1  0     G₃ =   -1/3    1/3  -1/3           0  1  1  1/4  4  0
///      0  -2  -1    2   1  0           -16/15  -8/15 -4/15          0  1 -1  1/8 -8  1
///      0  1/2 -1  -1/2  1  0             1/15  -2/15  4/15
///      0   1 -3/2  -2  3/2 1              0      0     1
///
///                                         1      0     0      0     0
///                                        1/3    1/3   1/3    1/3   1/3
///                                G₅ =   -1/3    1/3  -1/3    1/3  -1/3     Aᵀ = 1  1  1   1   1  0
///                                      -16/15  -8/15 -4/15  -2/15 -1/15         0  1 -1  1/2 -2  1
///                                        1/15  -2/15  4/15  -8/15 16/15
///                                         0      0     0      0     1
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

    /// <summary>The weights of some filters of a panel; where a vector is wider than a panel, of the next channel too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector LoadFilters(float* source, nint channelStride) =>
        TSimd.Count > WinogradBlocking.PanelRows ? TSimd.LoadRuns(source, source + channelStride) : TSimd.Load(source);

    /// <summary>U of filters of 3 × 3 weights, packed in panels. The 18 values between the two transforms stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Filter3x3(float* source, nint channelStride, float* target, nint targetStride)
    {
        const int Column = WinogradBlocking.PanelRows;
        const int Row = 3 * Column;
        Filter3(LoadFilters(source, channelStride), LoadFilters(source + Row, channelStride), LoadFilters(source + (2 * Row), channelStride),
            out TVector a0, out TVector b0, out TVector c0, out TVector d0, out TVector e0, out TVector f0);
        source += Column;
        Filter3(LoadFilters(source, channelStride), LoadFilters(source + Row, channelStride), LoadFilters(source + (2 * Row), channelStride),
            out TVector a1, out TVector b1, out TVector c1, out TVector d1, out TVector e1, out TVector f1);
        source += Column;
        Filter3(LoadFilters(source, channelStride), LoadFilters(source + Row, channelStride), LoadFilters(source + (2 * Row), channelStride),
            out TVector a2, out TVector b2, out TVector c2, out TVector d2, out TVector e2, out TVector f2);
        StoreFilter3(a0, a1, a2, target, targetStride);
        target += 6 * targetStride;
        StoreFilter3(b0, b1, b2, target, targetStride);
        target += 6 * targetStride;
        StoreFilter3(c0, c1, c2, target, targetStride);
        target += 6 * targetStride;
        StoreFilter3(d0, d1, d2, target, targetStride);
        target += 6 * targetStride;
        StoreFilter3(e0, e1, e2, target, targetStride);
        target += 6 * targetStride;
        StoreFilter3(f0, f1, f2, target, targetStride);
    }

    /// <summary>U of filters of 5 × 5 weights, packed in panels; <paramref name="half"/> holds the 30 values between the two transforms.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Filter5x5(float* source, nint channelStride, float* half, float* target, nint targetStride)
    {
        const int Window = 5;
        const int Row = Window * WinogradBlocking.PanelRows;
        for (int column = 0; column < Window; column++, source += WinogradBlocking.PanelRows)
        {
            Filter5(
                LoadFilters(source, channelStride),
                LoadFilters(source + Row, channelStride),
                LoadFilters(source + (2 * Row), channelStride),
                LoadFilters(source + (3 * Row), channelStride),
                LoadFilters(source + (4 * Row), channelStride),
                half + (column * TSimd.Count),
                Window * TSimd.Count);
        }

        for (int line = 0; line < WinogradBlocking.PatchSize; line++, target += WinogradBlocking.PatchSize * targetStride)
        {
            float* values = half + (line * Window * TSimd.Count);
            Filter5(
                TSimd.Load(values),
                TSimd.Load(values + TSimd.Count),
                TSimd.Load(values + (2 * TSimd.Count)),
                TSimd.Load(values + (3 * TSimd.Count)),
                TSimd.Load(values + (4 * TSimd.Count)),
                target,
                targetStride);
        }
    }

    /// <summary>Five weights to six values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Filter5(TVector g0, TVector g1, TVector g2, TVector g3, TVector g4, float* target, nint targetStride)
    {
        TVector third = TSimd.Create(1f / 3);
        TVector odd = TSimd.Multiply(TSimd.Add(g1, g3), third);
        TVector even = TSimd.Multiply(TSimd.Add(TSimd.Add(g0, g4), g2), third);
        TVector half = TSimd.MultiplyAdd(g3, TSimd.Create(-2f / 15), TSimd.Multiply(g4, TSimd.Create(-1f / 15)));
        half = TSimd.MultiplyAdd(g1, TSimd.Create(-8f / 15), TSimd.MultiplyAdd(g2, TSimd.Create(-4f / 15), half));
        TVector minusTwo = TSimd.MultiplyAdd(g3, TSimd.Create(-8f / 15), TSimd.Multiply(g4, TSimd.Create(16f / 15)));
        minusTwo = TSimd.MultiplyAdd(g1, TSimd.Create(-2f / 15), TSimd.MultiplyAdd(g2, TSimd.Create(4f / 15), minusTwo));
        TSimd.Store(g0, target);
        TSimd.Store(TSimd.Add(odd, even), target + targetStride);
        TSimd.Store(TSimd.Subtract(odd, even), target + (2 * targetStride));
        TSimd.Store(TSimd.MultiplyAdd(g0, TSimd.Create(-16f / 15), half), target + (3 * targetStride));
        TSimd.Store(TSimd.MultiplyAdd(g0, TSimd.Create(1f / 15), minusTwo), target + (4 * targetStride));
        TSimd.Store(g4, target + (5 * targetStride));
    }

    /// <summary>Six products to four outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output4(float* source, nint sourceStride, float* target, nint targetStride)
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

    /// <summary>Six products to two outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output2(float* source, nint sourceStride, float* target, nint targetStride)
    {
        TVector m0 = TSimd.Load(source);
        TVector m1 = TSimd.Load(source + sourceStride);
        TVector m2 = TSimd.Load(source + (2 * sourceStride));
        TVector m3 = TSimd.Load(source + (3 * sourceStride));
        TVector m4 = TSimd.Load(source + (4 * sourceStride));
        TVector m5 = TSimd.Load(source + (5 * sourceStride));
        TSimd.Store(TSimd.Add(TSimd.Add(m0, TSimd.Add(m1, m2)), TSimd.Add(m3, m4)), target);
        TVector difference = TSimd.Subtract(m1, m2);
        TSimd.Store(TSimd.Add(TSimd.MultiplyAdd(TSimd.Create(0.5f), m3, TSimd.MultiplyAdd(TSimd.Create(-2f), m4, difference)), m5), target + targetStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFilter3(TVector g0, TVector g1, TVector g2, float* target, nint stride)
    {
        Filter3(g0, g1, g2, out TVector a, out TVector b, out TVector c, out TVector d, out TVector e, out TVector f);
        TSimd.Store(a, target);
        TSimd.Store(b, target + stride);
        TSimd.Store(c, target + (2 * stride));
        TSimd.Store(d, target + (3 * stride));
        TSimd.Store(e, target + (4 * stride));
        TSimd.Store(f, target + (5 * stride));
    }

    /// <summary>Three weights to six values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Filter3(
        TVector g0, TVector g1, TVector g2, out TVector a, out TVector b, out TVector c, out TVector d, out TVector e, out TVector f)
    {
        TVector third = TSimd.Create(1f / 3);
        TVector middle = TSimd.Multiply(g1, third);
        TVector outer = TSimd.Multiply(TSimd.Add(g0, g2), third);
        TVector half = TSimd.MultiplyAdd(g1, TSimd.Create(-8f / 15), TSimd.Multiply(g2, TSimd.Create(-4f / 15)));
        TVector minusTwo = TSimd.MultiplyAdd(g1, TSimd.Create(-2f / 15), TSimd.Multiply(g2, TSimd.Create(4f / 15)));
        a = g0;
        b = TSimd.Add(middle, outer);
        c = TSimd.Subtract(middle, outer);
        d = TSimd.MultiplyAdd(g0, TSimd.Create(-16f / 15), half);
        e = TSimd.MultiplyAdd(g0, TSimd.Create(1f / 15), minusTwo);
        f = g2;
    }
}
