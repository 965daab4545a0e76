using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

// y[i] = activation(W[i]·x + bias[i]), bound by reading W once: every row is 16 lane sums, lane l over k ≡ l mod 16 ascending, added pairwise at the end.
// W: rows, zero padded to 16. x: exactly k floats; what is behind the last whole 16 goes through a padded copy.
// Four accumulators at a time hide the latency of the FMA: the lanes of four rows with AVX-512, of two with AVX2, of one with NEON or SSE.
// Rows do not see each other, so any interval of rows has the bits of the whole.
internal static unsafe class DotKernel<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    private const int Lanes = FullyConnected.Lanes;

    public static void Run(in DotRows rows, Interval interval)
    {
        if (rows.WeightType == ElementType.Float16)
        {
            Run<Float16Weights>(rows, interval);
        }
        else
        {
            Run<Float32Weights>(rows, interval);
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TWeights>(in DotRows rows, Interval interval)
        where TWeights : struct, IWeights
    {
        float* rest = stackalloc float[Lanes];
        float* lanes = stackalloc float[4 * Lanes];
        int whole = rows.Length - (rows.Length % Lanes);
        for (int i = 0; i < Lanes; i++)
        {
            rest[i] = whole + i < rows.Length ? rows.Vector[whole + i] : 0;
        }

        for (int row = interval.Start; row < interval.End; row += 4)
        {
            int count = Math.Min(4, interval.End - row);
            int vectors = count * Lanes / TSimd.Count;
            for (int vector = 0; vector < vectors; vector += 4)
            {
                FourVectors<TWeights>(rows.Weights, row * rows.RowStride, rows.RowStride, rows.Vector, whole, rest, vector, vectors - 1, lanes);
            }

            for (int i = 0; i < count; i++)
            {
                float sum = VectorLoops.SumLanes(lanes + (i * Lanes));
                float biased = rows.Bias is null ? sum : sum + rows.Bias[(row + i) * rows.BiasStride];
                rows.Output[(row + i) * rows.OutputStride] = ScalarActivation.Invoke(biased, rows.Activation);
            }
        }
    }

    /// <summary>Four of the vectors [row][lane] of a block of rows. Those behind the last are the last again, not memory behind the weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourVectors<TWeights>(float* w, long first, long rowStride, float* x, int whole, float* rest, int vector, int last, float* lanes)
        where TWeights : struct, IWeights
    {
        int v1 = Math.Min(vector + 1, last);
        int v2 = Math.Min(vector + 2, last);
        int v3 = Math.Min(vector + 3, last);
        nint w0 = (nint)(first + (Row(vector) * rowStride)) + Lane(vector);
        nint w1 = (nint)(first + (Row(v1) * rowStride)) + Lane(v1);
        nint w2 = (nint)(first + (Row(v2) * rowStride)) + Lane(v2);
        nint w3 = (nint)(first + (Row(v3) * rowStride)) + Lane(v3);
        float* x0 = x + Lane(vector);
        float* x1 = x + Lane(v1);
        float* x2 = x + Lane(v2);
        float* x3 = x + Lane(v3);
        TVector y0 = TSimd.Zero;
        TVector y1 = TSimd.Zero;
        TVector y2 = TSimd.Zero;
        TVector y3 = TSimd.Zero;
        for (nint k = 0; k < whole; k += Lanes)
        {
            y0 = TSimd.MultiplyAdd(TWeights.Load<TVector, TSimd>(w, w0 + k), TSimd.Load(x0 + k), y0);
            y1 = TSimd.MultiplyAdd(TWeights.Load<TVector, TSimd>(w, w1 + k), TSimd.Load(x1 + k), y1);
            y2 = TSimd.MultiplyAdd(TWeights.Load<TVector, TSimd>(w, w2 + k), TSimd.Load(x2 + k), y2);
            y3 = TSimd.MultiplyAdd(TWeights.Load<TVector, TSimd>(w, w3 + k), TSimd.Load(x3 + k), y3);
        }

        if (rowStride > whole)
        {
            y0 = TSimd.MultiplyAdd(TWeights.Load<TVector, TSimd>(w, w0 + whole), TSimd.Load(rest + Lane(vector)), y0);
            y1 = TSimd.MultiplyAdd(TWeights.Load<TVector, TSimd>(w, w1 + whole), TSimd.Load(rest + Lane(v1)), y1);
            y2 = TSimd.MultiplyAdd(TWeights.Load<TVector, TSimd>(w, w2 + whole), TSimd.Load(rest + Lane(v2)), y2);
            y3 = TSimd.MultiplyAdd(TWeights.Load<TVector, TSimd>(w, w3 + whole), TSimd.Load(rest + Lane(v3)), y3);
        }

        TSimd.Store(y0, lanes + (vector * TSimd.Count));
        TSimd.Store(y1, lanes + (v1 * TSimd.Count));
        TSimd.Store(y2, lanes + (v2 * TSimd.Count));
        TSimd.Store(y3, lanes + (v3 * TSimd.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Row(int vector) => vector * TSimd.Count / Lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Lane(int vector) => vector * TSimd.Count % Lanes;
}
