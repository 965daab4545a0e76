using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace DeeperThings.Kernels;

/// <summary>Begins to load memory that is soon read or written where no hardware foresees it.</summary>
internal static unsafe class CacheLine
{
    public const int Floats = 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    /// <summary>One line at each of <paramref name="count"/> places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* first, nint stride, int count)
    {
        if (Sse.IsSupported)
        {
            for (; count > 0; count--, first += stride)
            {
                Sse.Prefetch0(first);
            }
        }
    }
}
