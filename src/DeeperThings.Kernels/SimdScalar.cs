using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace DeeperThings.Kernels;

/// <summary>No vectors: for machines without, and as a check of the others.</summary>
internal readonly unsafe struct SimdScalar : ISimd<float>
{
    /// <summary>Whether a product is added with one rounding, in every width and in scalar code alike.</summary>
    public static bool HasMultiplyAdd
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Fma.IsSupported || AdvSimd.IsSupported;
    }

    public static int Count => 1;

    public static int TileRows => 4;

    public static float Zero => 0f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(float* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadHalf(ushort* source) => Float16.ToSingle(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float vector, float* target) => *target = vector;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Create(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(float x, float y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Subtract(float x, float y) => x - y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Multiply(float x, float y) => x * y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float x, float y, float z) => HasMultiplyAdd ? FusedMultiplyAdd(x, y, z) : (x * y) + z;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float x, float* y, nint index, float z) => HasMultiplyAdd ? FusedMultiplyAdd(x, y[index], z) : (x * y[index]) + z;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Leaky(float x) => ScalarActivation.Leaky(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Relu(float x) => ScalarActivation.Relu(x);

    /// <summary>
    /// The first lane of a vector's FMA, which may overwrite the sum. That of single floats (<c>vfmadd213ss</c>) overwrites a factor: with the copies
    /// that it needs, a micro-kernel reaches 80 % of the peak in place of all of it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float FusedMultiplyAdd(float x, float y, float z) => Fma.IsSupported
        ? Fma.MultiplyAdd(Vector128.CreateScalarUnsafe(x), Vector128.CreateScalarUnsafe(y), Vector128.CreateScalarUnsafe(z)).ToScalar()
        : MathF.FusedMultiplyAdd(x, y, z);
}
