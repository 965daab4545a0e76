using System.Runtime.Intrinsics;
using DeeperThings.Kernels.Reference;

namespace DeeperThings.Kernels;

/// <summary>
/// One implementation of the compute-bound operations, by name. The widest that the machine accelerates is <see cref="Current"/>;
/// the environment variable <see cref="EnvironmentVariable"/> forces another. The vector variants and <c>scalar</c> give equal bits; <c>reference</c>
/// are the naive loops, which accumulate in double.
/// </summary>
public abstract class KernelVariant
{
    public const string EnvironmentVariable = "DEEPERTHINGS_KERNEL";

    private static readonly KernelVariant[] _all =
    [
        new VectorVariant<Vector512<float>, Simd512>("vector512", Vector512.IsHardwareAccelerated),
        new VectorVariant<Vector256<float>, Simd256>("vector256", Vector256.IsHardwareAccelerated),
        new VectorVariant<Vector128<float>, Simd128>("vector128", Vector128.IsHardwareAccelerated),
        new VectorVariant<float, SimdScalar>("scalar", isSupported: true),
        new ReferenceVariant(),
    ];

    private protected KernelVariant(string name, bool isSupported)
    {
        Name = name;
        IsSupported = isSupported;
    }

    /// <summary>All variants, widest first.</summary>
    public static IReadOnlyList<KernelVariant> All => _all;

    /// <summary>What the operations use when no variant is named.</summary>
    public static KernelVariant Current { get; } = Choose(Environment.GetEnvironmentVariable(EnvironmentVariable));

    public string Name { get; }

    /// <summary>Whether this machine has the instructions. A variant that is not supported still computes, slowly.</summary>
    public bool IsSupported { get; }

    /// <summary>Floats of a vector.</summary>
    public abstract int VectorFloats { get; }

    public override string ToString() => Name;

    /// <summary>Measures one core; takes some milliseconds.</summary>
    public abstract KernelSpeed Measure();

    internal static KernelVariant Choose(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return Array.Find(_all, variant => variant.IsSupported)!;
        }

        return Array.Find(_all, variant => variant.Name == name)
            ?? throw new InvalidOperationException(
                $"{EnvironmentVariable}={name}: there is no such kernel variant; use one of {string.Join(", ", _all.Select(variant => variant.Name))}");
    }

    /// <summary>The peak of all threads together, see <see cref="KernelSpeed"/>.</summary>
    internal abstract double PeakFlopsPerSecond(WorkerPool workers);

    internal abstract void Convolve(in ConvolutionArguments arguments, WorkerPool workers);

    internal abstract void FullyConnect(in DotRows rows, int count, WorkerPool workers);

    internal abstract void LocallyConnect(in LocallyConnectedArguments arguments, WorkerPool workers);
}
