namespace DeeperThings.Kernels;

/// <summary>What the kernels need of a vector width. Kernels are written once, over this; the compiler makes a version per width, without calls.</summary>
/// <typeparam name="TVector">The vector, in registers.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Floats of a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Rows of the widest register tile: 8 or 4, so that 3 · rows accumulators, 3 vectors and a broadcast are at most the machine's registers.</summary>
    static abstract int TileRows { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Load(float* source);

    /// <summary>Two runs of half as many floats; where a vector is wider than a panel of filters.</summary>
    static virtual TVector LoadRuns(float* first, float* second) => throw new NotSupportedException();

    /// <summary>As many float16 values, as floats: exact, for all that are finite.</summary>
    static abstract TVector LoadHalf(ushort* source);

    static abstract void Store(TVector vector, float* target);

    static abstract TVector Create(float value);

    static abstract TVector Add(TVector x, TVector y);

    static abstract TVector Subtract(TVector x, TVector y);

    static abstract TVector Multiply(TVector x, TVector y);

    /// <summary>x·y + z, rounded once where the machine has FMA for any width, else twice.</summary>
    static abstract TVector MultiplyAdd(TVector x, TVector y, TVector z);

    /// <summary>x·y + z with the vector at <c>y[index]</c>, read by the FMA itself: the compiler puts no vector there that was loaded before.</summary>
    static abstract TVector MultiplyAdd(TVector x, float* y, nint index, TVector z);

    /// <summary>As <see cref="ScalarActivation.Leaky"/>.</summary>
    static abstract TVector Leaky(TVector x);

    /// <summary>As <see cref="ScalarActivation.Relu"/>.</summary>
    static abstract TVector Relu(TVector x);
}
