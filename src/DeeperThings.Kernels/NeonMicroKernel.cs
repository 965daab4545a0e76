using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace DeeperThings.Kernels;

// The tiles of 8 rows of MicroKernel for ARM64, with the same chains: FMAs by element take four rows of A from one register, so that no value of A is spread over a vector.
// Registers, 8 x 12: 24 accumulators + 3 of B + 2 of A = 29 of 32. One step of k is 24 FMAs for 3 + 2 loads.
internal static unsafe class NeonMicroKernel
{
    private const int N = 4;

    /// <summary>The kernel for 8 rows and <paramref name="vectors"/> 1 to 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(int vectors, float* a, nint aStride, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        switch (vectors)
        {
            case 3: Tile8x3(a, aStride, b, k, c, ldc, accumulate); break;
            case 2: Tile8x2(a, aStride, b, k, c, ldc, accumulate); break;
            default: Tile8x1(a, aStride, b, k, c, ldc, accumulate); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile8x3(float* a, nint aStride, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        Vector128<float> c00 = default, c01 = default, c02 = default;
        Vector128<float> c10 = default, c11 = default, c12 = default;
        Vector128<float> c20 = default, c21 = default, c22 = default;
        Vector128<float> c30 = default, c31 = default, c32 = default;
        Vector128<float> c40 = default, c41 = default, c42 = default;
        Vector128<float> c50 = default, c51 = default, c52 = default;
        Vector128<float> c60 = default, c61 = default, c62 = default;
        Vector128<float> c70 = default, c71 = default, c72 = default;
        if (accumulate)
        {
            Load(c, out c00, out c01, out c02);
            Load(c + ldc, out c10, out c11, out c12);
            Load(c + (2 * ldc), out c20, out c21, out c22);
            Load(c + (3 * ldc), out c30, out c31, out c32);
            Load(c + (4 * ldc), out c40, out c41, out c42);
            Load(c + (5 * ldc), out c50, out c51, out c52);
            Load(c + (6 * ldc), out c60, out c61, out c62);
            Load(c + (7 * ldc), out c70, out c71, out c72);
        }

        for (; k > 0; k--)
        {
            Load(b, out Vector128<float> b0, out Vector128<float> b1, out Vector128<float> b2);
            Vector128<float> a0 = Vector128.Load(a);
            Vector128<float> a4 = Vector128.Load(a + N);
            Multiply(b0, b1, b2, a0, 0, ref c00, ref c01, ref c02);
            Multiply(b0, b1, b2, a0, 1, ref c10, ref c11, ref c12);
            Multiply(b0, b1, b2, a0, 2, ref c20, ref c21, ref c22);
            Multiply(b0, b1, b2, a0, 3, ref c30, ref c31, ref c32);
            Multiply(b0, b1, b2, a4, 0, ref c40, ref c41, ref c42);
            Multiply(b0, b1, b2, a4, 1, ref c50, ref c51, ref c52);
            Multiply(b0, b1, b2, a4, 2, ref c60, ref c61, ref c62);
            Multiply(b0, b1, b2, a4, 3, ref c70, ref c71, ref c72);
            a += aStride;
            b += 3 * N;
        }

        Store(c, c00, c01, c02);
        Store(c + ldc, c10, c11, c12);
        Store(c + (2 * ldc), c20, c21, c22);
        Store(c + (3 * ldc), c30, c31, c32);
        Store(c + (4 * ldc), c40, c41, c42);
        Store(c + (5 * ldc), c50, c51, c52);
        Store(c + (6 * ldc), c60, c61, c62);
        Store(c + (7 * ldc), c70, c71, c72);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile8x2(float* a, nint aStride, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        Vector128<float> c00 = default, c01 = default;
        Vector128<float> c10 = default, c11 = default;
        Vector128<float> c20 = default, c21 = default;
        Vector128<float> c30 = default, c31 = default;
        Vector128<float> c40 = default, c41 = default;
        Vector128<float> c50 = default, c51 = default;
        Vector128<float> c60 = default, c61 = default;
        Vector128<float> c70 = default, c71 = default;
        if (accumulate)
        {
            Load(c, out c00, out c01);
            Load(c + ldc, out c10, out c11);
            Load(c + (2 * ldc), out c20, out c21);
            Load(c + (3 * ldc), out c30, out c31);
            Load(c + (4 * ldc), out c40, out c41);
            Load(c + (5 * ldc), out c50, out c51);
            Load(c + (6 * ldc), out c60, out c61);
            Load(c + (7 * ldc), out c70, out c71);
        }

        for (; k > 0; k--)
        {
            Load(b, out Vector128<float> b0, out Vector128<float> b1);
            Vector128<float> a0 = Vector128.Load(a);
            Vector128<float> a4 = Vector128.Load(a + N);
            Multiply(b0, b1, a0, 0, ref c00, ref c01);
            Multiply(b0, b1, a0, 1, ref c10, ref c11);
            Multiply(b0, b1, a0, 2, ref c20, ref c21);
            Multiply(b0, b1, a0, 3, ref c30, ref c31);
            Multiply(b0, b1, a4, 0, ref c40, ref c41);
            Multiply(b0, b1, a4, 1, ref c50, ref c51);
            Multiply(b0, b1, a4, 2, ref c60, ref c61);
            Multiply(b0, b1, a4, 3, ref c70, ref c71);
            a += aStride;
            b += 2 * N;
        }

        Store(c, c00, c01);
        Store(c + ldc, c10, c11);
        Store(c + (2 * ldc), c20, c21);
        Store(c + (3 * ldc), c30, c31);
        Store(c + (4 * ldc), c40, c41);
        Store(c + (5 * ldc), c50, c51);
        Store(c + (6 * ldc), c60, c61);
        Store(c + (7 * ldc), c70, c71);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile8x1(float* a, nint aStride, float* b, nint k, float* c, nint ldc, bool accumulate)
    {
        Vector128<float> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        if (accumulate)
        {
            c0 = Vector128.Load(c);
            c1 = Vector128.Load(c + ldc);
            c2 = Vector128.Load(c + (2 * ldc));
            c3 = Vector128.Load(c + (3 * ldc));
            c4 = Vector128.Load(c + (4 * ldc));
            c5 = Vector128.Load(c + (5 * ldc));
            c6 = Vector128.Load(c + (6 * ldc));
            c7 = Vector128.Load(c + (7 * ldc));
        }

        for (; k > 0; k--)
        {
            Vector128<float> b0 = Vector128.Load(b);
            Vector128<float> a0 = Vector128.Load(a);
            Vector128<float> a4 = Vector128.Load(a + N);
            c0 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c0, b0, a0, 0);
            c1 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c1, b0, a0, 1);
            c2 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c2, b0, a0, 2);
            c3 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c3, b0, a0, 3);
            c4 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c4, b0, a4, 0);
            c5 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c5, b0, a4, 1);
            c6 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c6, b0, a4, 2);
            c7 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c7, b0, a4, 3);
            a += aStride;
            b += N;
        }

        c0.Store(c);
        c1.Store(c + ldc);
        c2.Store(c + (2 * ldc));
        c3.Store(c + (3 * ldc));
        c4.Store(c + (4 * ldc));
        c5.Store(c + (5 * ldc));
        c6.Store(c + (6 * ldc));
        c7.Store(c + (7 * ldc));
    }

    /// <summary>One row of C += a[lane] · b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(
        Vector128<float> b0, Vector128<float> b1, Vector128<float> b2, Vector128<float> a, [ConstantExpected(Max = (byte)3)] byte lane, ref Vector128<float> c0, ref Vector128<float> c1, ref Vector128<float> c2)
    {
        Multiply(b0, b1, a, lane, ref c0, ref c1);
        c2 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c2, b2, a, lane);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(Vector128<float> b0, Vector128<float> b1, Vector128<float> a, [ConstantExpected(Max = (byte)3)] byte lane, ref Vector128<float> c0, ref Vector128<float> c1)
    {
        c0 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c0, b0, a, lane);
        c1 = AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(c1, b1, a, lane);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(float* source, out Vector128<float> v0, out Vector128<float> v1, out Vector128<float> v2)
    {
        Load(source, out v0, out v1);
        v2 = Vector128.Load(source + (2 * N));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(float* source, out Vector128<float> v0, out Vector128<float> v1)
    {
        v0 = Vector128.Load(source);
        v1 = Vector128.Load(source + N);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* target, Vector128<float> v0, Vector128<float> v1, Vector128<float> v2)
    {
        Store(target, v0, v1);
        v2.Store(target + (2 * N));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* target, Vector128<float> v0, Vector128<float> v1)
    {
        v0.Store(target);
        v1.Store(target + N);
    }
}
