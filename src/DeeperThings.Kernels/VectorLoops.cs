using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// Element-wise loops over runs of memory. Each element's result depends on that element only, not on its position: the vector body and the scalar
/// tail compute the same operations.
/// </summary>
internal static unsafe class VectorLoops
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Activate(float* data, long count, Activation activation)
    {
        long i = 0;
        switch (activation)
        {
            case Activation.Linear:
                return;
            case Activation.Leaky:
                for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
                {
                    Vector256<float> x = Vector256.Load(data + i);
                    Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256<float>.Zero), x, x * Vector256.Create(0.1f)).Store(data + i);
                }

                for (; i < count; i++)
                {
                    data[i] = ScalarActivation.Leaky(data[i]);
                }

                return;
            case Activation.Relu:
                for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
                {
                    Vector256<float> x = Vector256.Load(data + i);
                    Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<float>.Zero), Vector256<float>.Zero, x).Store(data + i);
                }

                for (; i < count; i++)
                {
                    data[i] = ScalarActivation.Relu(data[i]);
                }

                return;
            default:
                for (long vectors = Exponential.IsOf(activation) ? count - (count % Vector256<float>.Count) : 0; i < vectors; i += Vector256<float>.Count)
                {
                    Exponential.Invoke(Vector256.Load(data + i), activation).Store(data + i);
                }

                for (; i < count; i++)
                {
                    data[i] = ScalarActivation.Invoke(data[i], activation);
                }

                return;
        }
    }

    /// <summary>Softmaxes side by side, one in each of the first <paramref name="lanes"/> of a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(float* input, float* output, int count, nint stride, int lanes, float temperature)
    {
        Vector256<float> largest = Vector256.Create(float.MinValue);
        for (int i = 0; i < count; i++)
        {
            Vector256<float> x = LoadLanes(input + (i * stride), lanes);
            largest = Vector256.ConditionalSelect(Vector256.GreaterThan(x, largest), x, largest);
        }

        largest /= temperature;
        Vector256<float> sum = Vector256<float>.Zero;
        for (int i = 0; i < count; i++)
        {
            Vector256<float> power = Exponential.Of((LoadLanes(input + (i * stride), lanes) / temperature) - largest);
            sum += power;
            StoreLanes(power, output + (i * stride), lanes);
        }

        for (int i = 0; i < count; i++)
        {
            StoreLanes(LoadLanes(output + (i * stride), lanes) / sum, output + (i * stride), lanes);
        }
    }

    /// <summary>data += bias, as the epilogue of a convolution adds it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScalar(float* data, long count, float bias)
    {
        long i = 0;
        Vector256<float> biases = Vector256.Create(bias);
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256.Load(data + i) + biases).Store(data + i);
        }

        for (; i < count; i++)
        {
            data[i] += bias;
        }
    }

    /// <summary>target += source</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* source, float* target, long count)
    {
        long i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256.Load(target + i) + Vector256.Load(source + i)).Store(target + i);
        }

        for (; i < count; i++)
        {
            target[i] += source[i];
        }
    }

    /// <summary>target = scale·source + shift, rounded twice</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaleShift(float* source, float* target, long count, float scale, float shift)
    {
        for (long i = 0; i < count; i++)
        {
            target[i] = (source[i] * scale) + shift;
        }
    }

    /// <summary>target = activation(alpha·x + beta·y), rounded after each operation</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaledSum(float* x, float alpha, float* y, float beta, float* target, long count, Activation activation)
    {
        Vector256<float> zero = Vector256<float>.Zero;
        Vector256<float> alphas = Vector256.Create(alpha);
        Vector256<float> betas = Vector256.Create(beta);
        Vector256<float> slope = Vector256.Create(0.1f);
        long i = 0;
        switch (activation)
        {
            case Activation.Relu:
                for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
                {
                    Vector256<float> sum = (Vector256.Load(x + i) * alphas) + (Vector256.Load(y + i) * betas);
                    Vector256.ConditionalSelect(Vector256.LessThan(sum, zero), zero, sum).Store(target + i);
                }

                break;
            case Activation.Leaky:
                for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
                {
                    Vector256<float> sum = (Vector256.Load(x + i) * alphas) + (Vector256.Load(y + i) * betas);
                    Vector256.ConditionalSelect(Vector256.GreaterThan(sum, zero), sum, sum * slope).Store(target + i);
                }

                break;
            case Activation.Linear:
                for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
                {
                    ((Vector256.Load(x + i) * alphas) + (Vector256.Load(y + i) * betas)).Store(target + i);
                }

                break;
            default:
                break;
        }

        for (; i < count; i++)
        {
            target[i] = ScalarActivation.Invoke((x[i] * alpha) + (y[i] * beta), activation);
        }
    }

    /// <summary>target[i·targetStride] = alpha·target[i·targetStride] + beta·source[i·sourceStride], rounded after each operation</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaledAdd(float* source, int sourceStride, float* target, int targetStride, int count, float alpha, float beta)
    {
        int i = 0;
        if (sourceStride == 1 && targetStride == 1)
        {
            for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                ((Vector256.Load(target + i) * alpha) + (Vector256.Load(source + i) * beta)).Store(target + i);
            }
        }
        else if (sourceStride == 2 && targetStride == 1)
        {
            // Up to the element behind the fourth, which there is as long as a fifth follows.
            for (; i < count - Vector128<float>.Count; i += Vector128<float>.Count)
            {
                Vector128<float> every = Transpose.Even(Vector128.Load(source + (2 * i)), Vector128.Load(source + (2 * i) + Vector128<float>.Count));
                ((Vector128.Load(target + i) * alpha) + (every * beta)).Store(target + i);
            }
        }

        for (; i < count; i++)
        {
            float* element = target + ((long)i * targetStride);
            *element = (*element * alpha) + (source[(long)i * sourceStride] * beta);
        }
    }

    /// <summary>target = source &gt; max ? source : max; NaN in the source counts for nothing. The target may be the maximum itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Max(float* source, float* max, float* target, int count)
    {
        if (count >= Vector256<float>.Count)
        {
            // The last vector may overlap the one before: the maximum of a maximum is itself.
            for (int i = 0; i < count; i += Vector256<float>.Count)
            {
                int at = Math.Min(i, count - Vector256<float>.Count);
                Vector256<float> x = Vector256.Load(source + at);
                Vector256<float> y = Vector256.Load(max + at);
                Vector256.ConditionalSelect(Vector256.GreaterThan(x, y), x, y).Store(target + at);
            }

            return;
        }

        for (int i = 0; i < count; i++)
        {
            target[i] = source[i] > max[i] ? source[i] : max[i];
        }
    }

    /// <summary>target = source, -infinity for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Numbers(float* source, float* target, int count)
    {
        int i = 0;
        Vector256<float> least = Vector256.Create(float.NegativeInfinity);
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<float> x = Vector256.Load(source + i);
            Vector256.ConditionalSelect(Vector256.GreaterThan(x, least), x, least).Store(target + i);
        }

        for (; i < count; i++)
        {
            target[i] = source[i] > float.NegativeInfinity ? source[i] : float.NegativeInfinity;
        }
    }

    /// <summary>16 lane sums, lane l over the elements i ≡ l mod 16 ascending, then added pairwise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Sum(float* data, long count)
    {
        float* lanes = stackalloc float[FullyConnected.Lanes];
        Vector256<float> low = Vector256<float>.Zero;
        Vector256<float> high = Vector256<float>.Zero;
        long i = 0;
        for (; i <= count - FullyConnected.Lanes; i += FullyConnected.Lanes)
        {
            low += Vector256.Load(data + i);
            high += Vector256.Load(data + i + Vector256<float>.Count);
        }

        low.Store(lanes);
        high.Store(lanes + Vector256<float>.Count);
        for (int lane = 0; i < count; i++, lane++)
        {
            lanes[lane] += data[i];
        }

        return SumLanes(lanes);
    }

    /// <summary>The 16 lanes added pairwise: l and l + 8, then l and l + 4, l and l + 2, l and l + 1.</summary>
    public static float SumLanes(float* lanes)
    {
        Vector256<float> eight = Vector256.Load(lanes) + Vector256.Load(lanes + Vector256<float>.Count);
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]);
    }

    private static Vector256<float> LoadLanes(float* source, int lanes)
    {
        if (lanes == Vector256<float>.Count)
        {
            return Vector256.Load(source);
        }

        Vector256<float> vector = default;
        new ReadOnlySpan<float>(source, lanes).CopyTo(new Span<float>(&vector, lanes));
        return vector;
    }

    private static void StoreLanes(Vector256<float> vector, float* target, int lanes)
    {
        if (lanes == Vector256<float>.Count)
        {
            vector.Store(target);
            return;
        }

        new ReadOnlySpan<float>(&vector, lanes).CopyTo(new Span<float>(target, lanes));
    }
}
