using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DeeperThings.Kernels;

/// <summary>Copies a row of a feature map: for a dozen of floats a call would take longer than the copy.</summary>
internal static unsafe class Floats
{
    /// <summary>Exactly <paramref name="count"/> floats; the two must not overlap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(float* source, float* target, int count)
    {
        if (count >= Vector256<float>.Count)
        {
            for (int i = 0; i < count - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                Vector256.Load(source + i).Store(target + i);
            }

            Vector256.Load(source + count - Vector256<float>.Count).Store(target + count - Vector256<float>.Count);
        }
        else if (count >= Vector128<float>.Count)
        {
            Vector128<float> last = Vector128.Load(source + count - Vector128<float>.Count);
            Vector128.Load(source).Store(target);
            last.Store(target + count - Vector128<float>.Count);
        }
        else
        {
            for (int i = 0; i < count; i++)
            {
                target[i] = source[i];
            }
        }
    }
}
