using System.Runtime.CompilerServices;

namespace DeeperThings.Kernels;

/// <summary>How packed weights are read, as vectors of floats; the compiler makes a version of a kernel for each.</summary>
internal unsafe interface IWeights
{
    static abstract int ElementBytes { get; }

    /// <summary>x·w + y, w the elements from <paramref name="index"/> on.</summary>
    static abstract TVector MultiplyAdd<TVector, TSimd>(float* packed, nint index, TVector x, TVector y)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>;
}

internal readonly unsafe struct Float32Weights : IWeights
{
    public static int ElementBytes => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector MultiplyAdd<TVector, TSimd>(float* packed, nint index, TVector x, TVector y)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.MultiplyAdd(x, packed, index, y);
}

internal readonly unsafe struct Float16Weights : IWeights
{
    public static int ElementBytes => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector MultiplyAdd<TVector, TSimd>(float* packed, nint index, TVector x, TVector y)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.MultiplyAdd(x, TSimd.LoadHalf((ushort*)packed + index), y);
}
