using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// Weights as float16, two in the room of a float. A half becomes a float by moving sign, exponent and fraction to their places there and multiplying with 2¹¹², the
/// difference of the exponents' biases: exact for every finite half, subnormal ones too. Infinities and NaN do not occur in weights.
/// </summary>
internal static unsafe class Float16
{
    /// <summary>Bits that a fraction has more as float.</summary>
    public const int Shift = 13;

    /// <summary>The sign, widened over the bits above the exponent, is kept once.</summary>
    public const int Mask = unchecked((int)0x8FFFE000);

    /// <summary>2¹¹²</summary>
    public const float Scale = 5192296858534827628530496329220096f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(ushort half) => BitConverter.Int32BitsToSingle(((short)half << Shift) & Mask) * Scale;

    /// <summary>Rounded to nearest even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort FromSingle(float value) => BitConverter.HalfToUInt16Bits((Half)value);

    /// <summary>Element <paramref name="index"/> of packed weights.</summary>
    public static float Get(float* packed, long index, ElementType type) => type == ElementType.Float16 ? ToSingle(((ushort*)packed)[index]) : packed[index];

    /// <summary>Sets element <paramref name="index"/> of packed weights.</summary>
    public static void Set(float* packed, long index, float value, ElementType type)
    {
        if (type == ElementType.Float16)
        {
            ((ushort*)packed)[index] = FromSingle(value);
        }
        else
        {
            packed[index] = value;
        }
    }

    /// <summary>Sets a row of packed weights and zeroes what is behind it.</summary>
    /// <param name="first">Element of the packed weights at which the row begins.</param>
    /// <param name="stride">Elements of the row with its padding.</param>
    public static void SetRow(float* packed, long first, ReadOnlySpan<float> weights, long stride, ElementType type)
    {
        if (type == ElementType.Float16)
        {
            var row = new Span<ushort>((ushort*)packed + first, checked((int)stride));
            for (int i = 0; i < weights.Length; i++)
            {
                row[i] = FromSingle(weights[i]);
            }

            row[weights.Length..].Clear();
        }
        else
        {
            var row = new Span<float>(packed + first, checked((int)stride));
            weights.CopyTo(row);
            row[weights.Length..].Clear();
        }
    }

    /// <summary>Expands <paramref name="count"/> halves; reads and writes nothing behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand<TVector, TSimd>(ushort* source, float* target, nint count)
        where TVector : unmanaged
        where TSimd : struct, ISimd<TVector>
    {
        nint i = 0;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
        {
            TSimd.Store(TSimd.LoadHalf(source + i), target + i);
        }

        for (; i < count; i++)
        {
            target[i] = ToSingle(source[i]);
        }
    }
}
