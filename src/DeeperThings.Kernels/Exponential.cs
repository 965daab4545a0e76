using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// e^x, and the activations made of it, on four doubles at a time. Only multiplications and additions, each rounded by itself, so a result has the same bits
/// on every machine and at every place of a vector; the C library's differ from one to the next.
/// </summary>
internal static class Exponential
{
    /// <summary>Of the exponent range of normal doubles; beyond it results are 0 or infinity as floats.</summary>
    private const double Least = -708;

    private const double Most = 709;

    private const double BitsPerUnit = 1.4426950408889634;

    /// <summary>ln 2 in two parts, the first with so few bits that its products with exponents are exact.</summary>
    private const double UnitsPerBit = 0.693147180369123816490;

    private const double UnitsPerBitRest = 1.90821492927058770002e-10;

    /// <summary>1.5 · 2⁵²: added to a number it leaves the nearest integer in the low bits.</summary>
    private const double Rounding = 6755399441055744;

    private const int FractionBits = 52;
    private const long Bias = 1023;

    /// <summary>Within 1e-14 of e^x, relatively, for x from -708 to 709.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Of(Vector256<double> x)
    {
        x = Vector256.Min(Vector256.Max(x, Vector256.Create(Least)), Vector256.Create(Most));
        Vector256<double> rounded = (x * BitsPerUnit) + Vector256.Create(Rounding);
        Vector256<double> exponent = rounded - Vector256.Create(Rounding);
        Vector256<double> rest = x - (exponent * UnitsPerBit) - (exponent * UnitsPerBitRest);

        // The Taylor series to rest¹¹; rest is at most ln 2 / 2.
        Vector256<double> sum = Vector256.Create(1 / 39916800.0);
        sum = (sum * rest) + Vector256.Create(1 / 3628800.0);
        sum = (sum * rest) + Vector256.Create(1 / 362880.0);
        sum = (sum * rest) + Vector256.Create(1 / 40320.0);
        sum = (sum * rest) + Vector256.Create(1 / 5040.0);
        sum = (sum * rest) + Vector256.Create(1 / 720.0);
        sum = (sum * rest) + Vector256.Create(1 / 120.0);
        sum = (sum * rest) + Vector256.Create(1 / 24.0);
        sum = (sum * rest) + Vector256.Create(1 / 6.0);
        sum = (sum * rest) + Vector256.Create(0.5);
        sum = (sum * rest) + Vector256<double>.One;
        sum = (sum * rest) + Vector256<double>.One;
        Vector256<long> power = (rounded.AsInt64() + Vector256.Create(Bias)) << FractionBits;
        return sum * power.AsDouble();
    }

    /// <summary>e^x of eight floats, rounded from double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Of(Vector256<float> x) => Vector256.Narrow(Of(Vector256.WidenLower(x)), Of(Vector256.WidenUpper(x)));

    /// <summary>Whether <see cref="Invoke"/> has it.</summary>
    public static bool IsOf(Activation activation) => activation is Activation.Logistic or Activation.Loggy or Activation.Tanh or Activation.Elu or Activation.Selu;

    /// <summary>Darknet's <c>activations.h</c>, in double as C computes there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Invoke(Vector256<double> x, Activation activation)
    {
        Vector256<double> one = Vector256<double>.One;
        switch (activation)
        {
            case Activation.Logistic:
                return one / (one + Of(-x));
            case Activation.Loggy:
                return (Vector256.Create(2.0) / (one + Of(-x))) - one;
            case Activation.Tanh:
                // Darknet's formula is NaN where e^2x overflows; tanh is 1 to float precision long before.
                Vector256<double> square = Of(x + x);
                return Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256.Create(20.0)), one, (square - one) / (square + one));
            case Activation.Elu:
                return Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(x, Vector256<double>.Zero), x, Of(x) - one);
            case Activation.Selu:
                return Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(x, Vector256<double>.Zero), x * 1.0507, (Of(x) - one) * (1.0507 * 1.6732));
            default:
                throw new ArgumentOutOfRangeException(nameof(activation), activation, "not made of e^x");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Invoke(Vector256<float> x, Activation activation) =>
        Vector256.Narrow(Invoke(Vector256.WidenLower(x), activation), Invoke(Vector256.WidenUpper(x), activation));
}
