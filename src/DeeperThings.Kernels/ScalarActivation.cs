using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Darknet's <c>activations.h</c>. Where C computes in double (exp, and constants without f beside it), so does this.</summary>
internal static class ScalarActivation
{
    public static float Invoke(float x, Activation activation) => activation switch
    {
        Activation.Linear => x,
        Activation.Leaky => Leaky(x),
        Activation.Relu => Relu(x),
        Activation.Relie => x > 0 ? x : (float)(0.01 * x),
        Activation.Ramp => (float)(Relu(x) + (0.1 * x)),
        Activation.HardTan => x < -1 ? -1 : x > 1 ? 1 : x,
        Activation.LhTan => x < 0 ? (float)(0.001 * x) : x > 1 ? (float)((0.001 * (x - 1)) + 1) : x,
        Activation.Plse => x < -4 ? (float)(0.01 * (x + 4)) : x > 4 ? (float)((0.01 * (x - 4)) + 1) : (float)((0.125 * x) + 0.5),
        Activation.Stair => Stair(x),
        _ when Exponential.IsOf(activation) => (float)Exponential.Invoke(Vector256.Create((double)x), activation).ToScalar(),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "no such activation"),
    };

    // Float, unlike Darknet's .1*x in double (the two differ by at most one unit in the last place): the vectorised loops compute the same.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Leaky(float x) => x > 0 ? x : 0.1f * x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Relu(float x) => x < 0 ? 0 : x;

    private static float Stair(float x)
    {
        float floor = MathF.Floor(x);
        return floor % 2 == 0 ? MathF.Floor(x / 2) : x - floor + MathF.Floor(x / 2);
    }
}
