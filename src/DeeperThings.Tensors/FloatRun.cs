using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DeeperThings.Tensors;

/// <summary>A run of floats in memory, such as a row of a map.</summary>
public static unsafe class FloatRun
{
    private const int MostVectors = 4;

    /// <summary>
    /// Copies <paramref name="count"/> floats; the two runs may overlap. Those of a small map's row, of which a message has thousands, take a few vectors and no call: all is loaded before any is stored,
    /// and the last vector ends with the run, over what others have stored of it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(float* source, float* target, long count)
    {
        int width = Vector256<float>.Count;
        if (count > MostVectors * width)
        {
            Buffer.MemoryCopy(source, target, count * sizeof(float), count * sizeof(float));
        }
        else if (count > 2 * width)
        {
            Vector256<float> first = Vector256.Load(source);
            Vector256<float> second = Vector256.Load(source + width);
            Vector256<float> third = Vector256.Load(source + count - (2 * width));
            Vector256<float> fourth = Vector256.Load(source + count - width);
            first.Store(target);
            second.Store(target + width);
            third.Store(target + count - (2 * width));
            fourth.Store(target + count - width);
        }
        else if (count >= width)
        {
            Vector256<float> first = Vector256.Load(source);
            Vector256<float> second = Vector256.Load(source + count - width);
            first.Store(target);
            second.Store(target + count - width);
        }
        else if (count >= width / 2)
        {
            Vector128<float> first = Vector128.Load(source);
            Vector128<float> second = Vector128.Load(source + count - (width / 2));
            first.Store(target);
            second.Store(target + count - (width / 2));
        }
        else if (count > 0)
        {
            // The first, the middle and the last are all of three, and of fewer.
            (float first, float middle, float last) = (source[0], source[count / 2], source[count - 1]);
            target[0] = first;
            target[count / 2] = middle;
            target[count - 1] = last;
        }
    }
}
