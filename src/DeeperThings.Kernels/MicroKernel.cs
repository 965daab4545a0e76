using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace DeeperThings.Kernels;

// C[rows, columns] (+)= A[rows, k] · B[k, columns]; one chain of FMAs per element of C, k ascending.
// A: a panel of packed filters, [k][aStride], of which the first 8 or 4 are the rows of the tile.
// B: a micro-panel of the packed input, [k][columns], columns = 3, 2 or 1 vectors.
// Ahead: what the next micro-kernels read, which comes from memory meanwhile.
// C: rows at a distance of ldc floats; with accumulate the chain continues from what is there (an earlier block of k), else from zero.
// Registers, AVX-512 8 x 48: 24 accumulators + 3 of B + 1 broadcast of A = 28 of 32. One step of k is 24 FMAs on 24 x 16 elements for 3 + 8 loads.
// AVX2 4 x 24: 12 + 3 + 1 = 16 of 16; a panel of 8 filters is two tiles. NEON 8 x 12: NeonMicroKernel. SSE 4 x 12: 16 of 16.
// The narrower tiles serve the last micro-panel of a block, and groups of few filters: a map of 7 x 7 fills 64 columns of AVX-512, not 96.
internal static unsafe class MicroKernel<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    /// <summary>The kernel for <paramref name="rows"/> 8 or 4 and <paramref name="vectors"/> 1 to 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(int rows, int vectors, float* a, nint aStride, float* b, nint k, float* c, nint ldc, bool accumulate, in Ahead ahead)
    {
        if (AdvSimd.Arm64.IsSupported && typeof(TVector) == typeof(Vector128<float>) && rows == 8)
        {
            NeonMicroKernel.Run(vectors, a, aStride, b, k, c, ldc, accumulate);
            return;
        }

        switch ((rows, vectors))
        {
            case (8, 3): Tile8x3(a, aStride, b, k, c, ldc, accumulate, ahead); break;
            case (8, 2): Tile8x2(a, aStride, b, k, c, ldc, accumulate, ahead); break;
            case (8, 1): Tile8x1(a, aStride, b, k, c, ldc, accumulate, ahead); break;
            case (4, 3): Tile4x3(a, aStride, b, k, c, ldc, accumulate, ahead); break;
            case (4, 2): Tile4x2(a, aStride, b, k, c, ldc, accumulate, ahead); break;
            default: Tile4x1(a, aStride, b, k, c, ldc, accumulate, ahead); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile8x3(float* a, nint aStride, float* b, nint k, float* c, nint ldc, bool accumulate, in Ahead ahead)
    {
        nint n = TSimd.Count;
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c22 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c32 = TSimd.Zero;
        TVector c40 = TSimd.Zero, c41 = TSimd.Zero, c42 = TSimd.Zero;
        TVector c50 = TSimd.Zero, c51 = TSimd.Zero, c52 = TSimd.Zero;
        TVector c60 = TSimd.Zero, c61 = TSimd.Zero, c62 = TSimd.Zero;
        TVector c70 = TSimd.Zero, c71 = TSimd.Zero, c72 = TSimd.Zero;
        if (accumulate)
        {
            float* row = c;
            c00 = TSimd.Load(row);
            c01 = TSimd.Load(row + n);
            c02 = TSimd.Load(row + (2 * n));
            row += ldc;
            c10 = TSimd.Load(row);
            c11 = TSimd.Load(row + n);
            c12 = TSimd.Load(row + (2 * n));
            row += ldc;
            c20 = TSimd.Load(row);
            c21 = TSimd.Load(row + n);
            c22 = TSimd.Load(row + (2 * n));
            row += ldc;
            c30 = TSimd.Load(row);
            c31 = TSimd.Load(row + n);
            c32 = TSimd.Load(row + (2 * n));
            row += ldc;
            c40 = TSimd.Load(row);
            c41 = TSimd.Load(row + n);
            c42 = TSimd.Load(row + (2 * n));
            row += ldc;
            c50 = TSimd.Load(row);
            c51 = TSimd.Load(row + n);
            c52 = TSimd.Load(row + (2 * n));
            row += ldc;
            c60 = TSimd.Load(row);
            c61 = TSimd.Load(row + n);
            c62 = TSimd.Load(row + (2 * n));
            row += ldc;
            c70 = TSimd.Load(row);
            c71 = TSimd.Load(row + n);
            c72 = TSimd.Load(row + (2 * n));
        }

        float* next = ahead.First;
        nint step = ahead.Step;
        for (; k > 0; k--, next += step)
        {
            CacheLine.Prefetch(next);
            TVector b0 = TSimd.Load(b);
            TVector b1 = TSimd.Load(b + n);
            TVector b2 = TSimd.Load(b + (2 * n));
            TVector a0 = TSimd.Create(a[0]);
            c00 = TSimd.MultiplyAdd(a0, b0, c00);
            c01 = TSimd.MultiplyAdd(a0, b1, c01);
            c02 = TSimd.MultiplyAdd(a0, b2, c02);
            TVector a1 = TSimd.Create(a[1]);
            c10 = TSimd.MultiplyAdd(a1, b0, c10);
            c11 = TSimd.MultiplyAdd(a1, b1, c11);
            c12 = TSimd.MultiplyAdd(a1, b2, c12);
            TVector a2 = TSimd.Create(a[2]);
            c20 = TSimd.MultiplyAdd(a2, b0, c20);
            c21 = TSimd.MultiplyAdd(a2, b1, c21);
            c22 = TSimd.MultiplyAdd(a2, b2, c22);
            TVector a3 = TSimd.Create(a[3]);
            c30 = TSimd.MultiplyAdd(a3, b0, c30);
            c31 = TSimd.MultiplyAdd(a3, b1, c31);
            c32 = TSimd.MultiplyAdd(a3, b2, c32);
            TVector a4 = TSimd.Create(a[4]);
            c40 = TSimd.MultiplyAdd(a4, b0, c40);
            c41 = TSimd.MultiplyAdd(a4, b1, c41);
            c42 = TSimd.MultiplyAdd(a4, b2, c42);
            TVector a5 = TSimd.Create(a[5]);
            c50 = TSimd.MultiplyAdd(a5, b0, c50);
            c51 = TSimd.MultiplyAdd(a5, b1, c51);
            c52 = TSimd.MultiplyAdd(a5, b2, c52);
            TVector a6 = TSimd.Create(a[6]);
            c60 = TSimd.MultiplyAdd(a6, b0, c60);
            c61 = TSimd.MultiplyAdd(a6, b1, c61);
            c62 = TSimd.MultiplyAdd(a6, b2, c62);
            TVector a7 = TSimd.Create(a[7]);
            c70 = TSimd.MultiplyAdd(a7, b0, c70);
            c71 = TSimd.MultiplyAdd(a7, b1, c71);
            c72 = TSimd.MultiplyAdd(a7, b2, c72);
            a += aStride;
            b += 3 * n;
        }

        TSimd.Store(c00, c);
        TSimd.Store(c01, c + n);
        TSimd.Store(c02, c + (2 * n));
        c += ldc;
        TSimd.Store(c10, c);
        TSimd.Store(c11, c + n);
        TSimd.Store(c12, c + (2 * n));
        c += ldc;
        TSimd.Store(c20, c);
        TSimd.Store(c21, c + n);
        TSimd.Store(c22, c + (2 * n));
        c += ldc;
        TSimd.Store(c30, c);
        TSimd.Store(c31, c + n);
        TSimd.Store(c32, c + (2 * n));
        c += ldc;
        TSimd.Store(c40, c);
        TSimd.Store(c41, c + n);
        TSimd.Store(c42, c + (2 * n));
        c += ldc;
        TSimd.Store(c50, c);
        TSimd.Store(c51, c + n);
        TSimd.Store(c52, c + (2 * n));
        c += ldc;
        TSimd.Store(c60, c);
        TSimd.Store(c61, c + n);
        TSimd.Store(c62, c + (2 * n));
        c += ldc;
        TSimd.Store(c70, c);
        TSimd.Store(c71, c + n);
        TSimd.Store(c72, c + (2 * n));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile8x2(float* a, nint aStride, float* b, nint k, float* c, nint ldc, bool accumulate, in Ahead ahead)
    {
        nint n = TSimd.Count;
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero;
        TVector c40 = TSimd.Zero, c41 = TSimd.Zero;
        TVector c50 = TSimd.Zero, c51 = TSimd.Zero;
        TVector c60 = TSimd.Zero, c61 = TSimd.Zero;
        TVector c70 = TSimd.Zero, c71 = TSimd.Zero;
        if (accumulate)
        {
            float* row = c;
            c00 = TSimd.Load(row);
            c01 = TSimd.Load(row + n);
            row += ldc;
            c10 = TSimd.Load(row);
            c11 = TSimd.Load(row + n);
            row += ldc;
            c20 = TSimd.Load(row);
            c21 = TSimd.Load(row + n);
            row += ldc;
            c30 = TSimd.Load(row);
            c31 = TSimd.Load(row + n);
            row += ldc;
            c40 = TSimd.Load(row);
            c41 = TSimd.Load(row + n);
            row += ldc;
            c50 = TSimd.Load(row);
            c51 = TSimd.Load(row + n);
            row += ldc;
            c60 = TSimd.Load(row);
            c61 = TSimd.Load(row + n);
            row += ldc;
            c70 = TSimd.Load(row);
            c71 = TSimd.Load(row + n);
        }

        float* next = ahead.First;
        nint step = ahead.Step;
        for (; k > 0; k--, next += step)
        {
            CacheLine.Prefetch(next);
            TVector b0 = TSimd.Load(b);
            TVector b1 = TSimd.Load(b + n);
            TVector a0 = TSimd.Create(a[0]);
            c00 = TSimd.MultiplyAdd(a0, b0, c00);
            c01 = TSimd.MultiplyAdd(a0, b1, c01);
            TVector a1 = TSimd.Create(a[1]);
            c10 = TSimd.MultiplyAdd(a1, b0, c10);
            c11 = TSimd.MultiplyAdd(a1, b1, c11);
            TVector a2 = TSimd.Create(a[2]);
            c20 = TSimd.MultiplyAdd(a2, b0, c20);
            c21 = TSimd.MultiplyAdd(a2, b1, c21);
            TVector a3 = TSimd.Create(a[3]);
            c30 = TSimd.MultiplyAdd(a3, b0, c30);
            c31 = TSimd.MultiplyAdd(a3, b1, c31);
            TVector a4 = TSimd.Create(a[4]);
            c40 = TSimd.MultiplyAdd(a4, b0, c40);
            c41 = TSimd.MultiplyAdd(a4, b1, c41);
            TVector a5 = TSimd.Create(a[5]);
            c50 = TSimd.MultiplyAdd(a5, b0, c50);
            c51 = TSimd.MultiplyAdd(a5, b1, c51);
            TVector a6 = TSimd.Create(a[6]);
            c60 = TSimd.MultiplyAdd(a6, b0, c60);
            c61 = TSimd.MultiplyAdd(a6, b1, c61);
            TVector a7 = TSimd.Create(a[7]);
            c70 = TSimd.MultiplyAdd(a7, b0, c70);
            c71 = TSimd.MultiplyAdd(a7, b1, c71);
            a += aStride;
            b += 2 * n;
        }

        TSimd.Store(c00, c);
        TSimd.Store(c01, c + n);
        c += ldc;
        TSimd.Store(c10, c);
        TSimd.Store(c11, c + n);
        c += ldc;
        TSimd.Store(c20, c);
        TSimd.Store(c21, c + n);
        c += ldc;
        TSimd.Store(c30, c);
        TSimd.Store(c31, c + n);
        c += ldc;
        TSimd.Store(c40, c);
        TSimd.Store(c41, c + n);
        c += ldc;
        TSimd.Store(c50, c);
        TSimd.Store(c51, c + n);
        c += ldc;
        TSimd.Store(c60, c);
        TSimd.Store(c61, c + n);
        c += ldc;
        TSimd.Store(c70, c);
        TSimd.Store(c71, c + n);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile8x1(float* a, nint aStride, float* b, nint k, float* c, nint ldc, bool accumulate, in Ahead ahead)
    {
        TVector c00 = TSimd.Zero;
        TVector c10 = TSimd.Zero;
        TVector c20 = TSimd.Zero;
        TVector c30 = TSimd.Zero;
        TVector c40 = TSimd.Zero;
        TVector c50 = TSimd.Zero;
        TVector c60 = TSimd.Zero;
        TVector c70 = TSimd.Zero;
        if (accumulate)
        {
            float* row = c;
            c00 = TSimd.Load(row);
            row += ldc;
            c10 = TSimd.Load(row);
            row += ldc;
            c20 = TSimd.Load(row);
            row += ldc;
            c30 = TSimd.Load(row);
            row += ldc;
            c40 = TSimd.Load(row);
            row += ldc;
            c50 = TSimd.Load(row);
            row += ldc;
            c60 = TSimd.Load(row);
            row += ldc;
            c70 = TSimd.Load(row);
        }

        float* next = ahead.First;
        nint step = ahead.Step;
        for (; k > 0; k--, next += step)
        {
            CacheLine.Prefetch(next);
            TVector b0 = TSimd.Load(b);
            TVector a0 = TSimd.Create(a[0]);
            c00 = TSimd.MultiplyAdd(a0, b0, c00);
            TVector a1 = TSimd.Create(a[1]);
            c10 = TSimd.MultiplyAdd(a1, b0, c10);
            TVector a2 = TSimd.Create(a[2]);
            c20 = TSimd.MultiplyAdd(a2, b0, c20);
            TVector a3 = TSimd.Create(a[3]);
            c30 = TSimd.MultiplyAdd(a3, b0, c30);
            TVector a4 = TSimd.Create(a[4]);
            c40 = TSimd.MultiplyAdd(a4, b0, c40);
            TVector a5 = TSimd.Create(a[5]);
            c50 = TSimd.MultiplyAdd(a5, b0, c50);
            TVector a6 = TSimd.Create(a[6]);
            c60 = TSimd.MultiplyAdd(a6, b0, c60);
            TVector a7 = TSimd.Create(a[7]);
            c70 = TSimd.MultiplyAdd(a7, b0, c70);
            a += aStride;
            b += TSimd.Count;
        }

        TSimd.Store(c00, c);
        c += ldc;
        TSimd.Store(c10, c);
        c += ldc;
        TSimd.Store(c20, c);
        c += ldc;
        TSimd.Store(c30, c);
        c += ldc;
        TSimd.Store(c40, c);
        c += ldc;
        TSimd.Store(c50, c);
        c += ldc;
        TSimd.Store(c60, c);
        c += ldc;
        TSimd.Store(c70, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile4x3(float* a, nint aStride, float* b, nint k, float* c, nint ldc, bool accumulate, in Ahead ahead)
    {
        nint n = TSimd.Count;
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c22 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c32 = TSimd.Zero;
        if (accumulate)
        {
            float* row = c;
            c00 = TSimd.Load(row);
            c01 = TSimd.Load(row + n);
            c02 = TSimd.Load(row + (2 * n));
            row += ldc;
            c10 = TSimd.Load(row);
            c11 = TSimd.Load(row + n);
            c12 = TSimd.Load(row + (2 * n));
            row += ldc;
            c20 = TSimd.Load(row);
            c21 = TSimd.Load(row + n);
            c22 = TSimd.Load(row + (2 * n));
            row += ldc;
            c30 = TSimd.Load(row);
            c31 = TSimd.Load(row + n);
            c32 = TSimd.Load(row + (2 * n));
        }

        float* next = ahead.First;
        nint step = ahead.Step;
        for (; k > 0; k--, next += step)
        {
            CacheLine.Prefetch(next);
            TVector b0 = TSimd.Load(b);
            TVector b1 = TSimd.Load(b + n);
            TVector b2 = TSimd.Load(b + (2 * n));
            TVector a0 = TSimd.Create(a[0]);
            c00 = TSimd.MultiplyAdd(a0, b0, c00);
            c01 = TSimd.MultiplyAdd(a0, b1, c01);
            c02 = TSimd.MultiplyAdd(a0, b2, c02);
            TVector a1 = TSimd.Create(a[1]);
            c10 = TSimd.MultiplyAdd(a1, b0, c10);
            c11 = TSimd.MultiplyAdd(a1, b1, c11);
            c12 = TSimd.MultiplyAdd(a1, b2, c12);
            TVector a2 = TSimd.Create(a[2]);
            c20 = TSimd.MultiplyAdd(a2, b0, c20);
            c21 = TSimd.MultiplyAdd(a2, b1, c21);
            c22 = TSimd.MultiplyAdd(a2, b2, c22);
            TVector a3 = TSimd.Create(a[3]);
            c30 = TSimd.MultiplyAdd(a3, b0, c30);
            c31 = TSimd.MultiplyAdd(a3, b1, c31);
            c32 = TSimd.MultiplyAdd(a3, b2, c32);
            a += aStride;
            b += 3 * n;
        }

        TSimd.Store(c00, c);
        TSimd.Store(c01, c + n);
        TSimd.Store(c02, c + (2 * n));
        c += ldc;
        TSimd.Store(c10, c);
        TSimd.Store(c11, c + n);
        TSimd.Store(c12, c + (2 * n));
        c += ldc;
        TSimd.Store(c20, c);
        TSimd.Store(c21, c + n);
        TSimd.Store(c22, c + (2 * n));
        c += ldc;
        TSimd.Store(c30, c);
        TSimd.Store(c31, c + n);
        TSimd.Store(c32, c + (2 * n));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile4x2(float* a, nint aStride, float* b, nint k, float* c, nint ldc, bool accumulate, in Ahead ahead)
    {
        nint n = TSimd.Count;
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero;
        if (accumulate)
        {
            float* row = c;
            c00 = TSimd.Load(row);
            c01 = TSimd.Load(row + n);
            row += ldc;
            c10 = TSimd.Load(row);
            c11 = TSimd.Load(row + n);
            row += ldc;
            c20 = TSimd.Load(row);
            c21 = TSimd.Load(row + n);
            row += ldc;
            c30 = TSimd.Load(row);
            c31 = TSimd.Load(row + n);
        }

        float* next = ahead.First;
        nint step = ahead.Step;
        for (; k > 0; k--, next += step)
        {
            CacheLine.Prefetch(next);
            TVector b0 = TSimd.Load(b);
            TVector b1 = TSimd.Load(b + n);
            TVector a0 = TSimd.Create(a[0]);
            c00 = TSimd.MultiplyAdd(a0, b0, c00);
            c01 = TSimd.MultiplyAdd(a0, b1, c01);
            TVector a1 = TSimd.Create(a[1]);
            c10 = TSimd.MultiplyAdd(a1, b0, c10);
            c11 = TSimd.MultiplyAdd(a1, b1, c11);
            TVector a2 = TSimd.Create(a[2]);
            c20 = TSimd.MultiplyAdd(a2, b0, c20);
            c21 = TSimd.MultiplyAdd(a2, b1, c21);
            TVector a3 = TSimd.Create(a[3]);
            c30 = TSimd.MultiplyAdd(a3, b0, c30);
            c31 = TSimd.MultiplyAdd(a3, b1, c31);
            a += aStride;
            b += 2 * n;
        }

        TSimd.Store(c00, c);
        TSimd.Store(c01, c + n);
        c += ldc;
        TSimd.Store(c10, c);
        TSimd.Store(c11, c + n);
        c += ldc;
        TSimd.Store(c20, c);
        TSimd.Store(c21, c + n);
        c += ldc;
        TSimd.Store(c30, c);
        TSimd.Store(c31, c + n);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile4x1(float* a, nint aStride, float* b, nint k, float* c, nint ldc, bool accumulate, in Ahead ahead)
    {
        TVector c00 = TSimd.Zero;
        TVector c10 = TSimd.Zero;
        TVector c20 = TSimd.Zero;
        TVector c30 = TSimd.Zero;
        if (accumulate)
        {
            float* row = c;
            c00 = TSimd.Load(row);
            row += ldc;
            c10 = TSimd.Load(row);
            row += ldc;
            c20 = TSimd.Load(row);
            row += ldc;
            c30 = TSimd.Load(row);
        }

        float* next = ahead.First;
        nint step = ahead.Step;
        for (; k > 0; k--, next += step)
        {
            CacheLine.Prefetch(next);
            TVector b0 = TSimd.Load(b);
            TVector a0 = TSimd.Create(a[0]);
            c00 = TSimd.MultiplyAdd(a0, b0, c00);
            TVector a1 = TSimd.Create(a[1]);
            c10 = TSimd.MultiplyAdd(a1, b0, c10);
            TVector a2 = TSimd.Create(a[2]);
            c20 = TSimd.MultiplyAdd(a2, b0, c20);
            TVector a3 = TSimd.Create(a[3]);
            c30 = TSimd.MultiplyAdd(a3, b0, c30);
            a += aStride;
            b += TSimd.Count;
        }

        TSimd.Store(c00, c);
        c += ldc;
        TSimd.Store(c10, c);
        c += ldc;
        TSimd.Store(c20, c);
        c += ldc;
        TSimd.Store(c30, c);
    }
}
