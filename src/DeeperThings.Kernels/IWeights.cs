using System.Runtime.CompilerServices;

namespace DeeperThings.Kernels;

/// <summary>How packed weights are read, as vectors of floats; the compiler makes a version of a kernel for each.</summary>
internal unsafe interface IWeights
{
    static abstract int ElementBytes { get; }

    /// <summary>Elements from <paramref name="index"/> on.</summary>
    static abstract TVector Load<TVector, TSimd>(float* packed, nint index)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>;
}

internal readonly unsafe struct Float32Weights : IWeights
{
    public static int ElementBytes => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TVector, TSimd>(float* packed, nint index)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.Load(packed + index);
}

internal readonly unsafe struct Float16Weights : IWeights
{
    public static int ElementBytes => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TVector, TSimd>(float* packed, nint index)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector> => TSimd.LoadHalf((ushort*)packed + index);
}
