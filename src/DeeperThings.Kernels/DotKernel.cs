using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

// y[i] = activation(W[i]·x + bias[i]), bound by reading W once: every row is 16 lane sums, lane l over k ≡ l mod 16 ascending, added pairwise at the end.
// W: rows, zero padded to 16. x: exactly k floats; what is behind the last whole 16 goes through a padded copy.
// Four rows at a time: x comes from the L1 or L2 cache, and a vector of it that is read for each row takes as much of a core as one of W.
// FMAs read W themselves: the fewer instructions a vector takes, the further a core looks ahead for what memory must deliver.
// Registers: up to 4 vectors of each of 4 rows, which are all 16 lanes from 128 bits on, and as many of x. Without vectors 4 lanes after another.
// Rows do not see each other, so any interval of rows has the bits of the whole.
internal static unsafe class DotKernel<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    private const int Lanes = FullyConnected.Lanes;
    private const int Rows = 4;
    private const int PrefetchedLines = 4;

    private static int VectorsAtOnce
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TSimd.Count == Lanes ? 1 : TSimd.Count == Lanes / 2 ? 2 : 4;
    }

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
        float* lanes = stackalloc float[Rows * Lanes];
        int whole = rows.Length - (rows.Length % Lanes);
        for (int i = 0; i < Lanes; i++)
        {
            rest[i] = whole + i < rows.Length ? rows.Vector[whole + i] : 0;
        }

        for (int row = interval.Start; row < interval.End; row += Rows)
        {
            int count = Math.Min(Rows, interval.End - row);
            nint rowBytes = (nint)rows.RowStride * TWeights.ElementBytes;
            byte* first = (byte*)rows.Weights + (row * rowBytes);
            new Span<float>(lanes, Rows * Lanes).Clear();
            for (int lane = 0; lane < Lanes; lane += VectorsAtOnce * TSimd.Count)
            {
                byte* w = first + (lane * TWeights.ElementBytes);
                FourRows<TWeights>(w, rowBytes, count, rows.Vector + lane, whole, lanes + lane);
                if (rows.RowStride > whole)
                {
                    FourRows<TWeights>(w + (whole * TWeights.ElementBytes), rowBytes, count, rest + lane, Lanes, lanes + lane);
                }
            }

            // No hardware foresees where the next rows begin; their first lines come while these are summed.
            var next = (float*)(first + (Rows * rowBytes));
            for (int line = 0; line < PrefetchedLines; line++)
            {
                CacheLine.Prefetch(next + (line * CacheLine.Floats), rowBytes / sizeof(float), Rows);
            }

            for (int i = 0; i < count; i++)
            {
                float sum = VectorLoops.SumLanes(lanes + (i * Lanes));
                float biased = rows.Bias is null ? sum : sum + rows.Bias[(row + i) * rows.BiasStride];
                rows.Output[(row + i) * rows.OutputStride] = ScalarActivation.Invoke(biased, rows.Activation);
            }
        }
    }

    /// <summary>Goes on with the lanes of four rows over <paramref name="length"/> inputs. Rows behind the last of <paramref name="count"/> are the last again, not memory behind the weights.</summary>
    /// <param name="w">The first row.</param>
    /// <param name="rowBytes">From one row to the next.</param>
    /// <param name="lanes">[row][lane]</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRows<TWeights>(byte* w, nint rowBytes, int count, float* x, nint length, float* lanes)
        where TWeights : struct, IWeights
    {
        float* row0 = (float*)w;
        float* row1 = (float*)(w + (Math.Min(1, count - 1) * rowBytes));
        float* row2 = (float*)(w + (Math.Min(2, count - 1) * rowBytes));
        float* row3 = (float*)(w + (Math.Min(3, count - 1) * rowBytes));
        TVector y00 = Lane(lanes, 0, 0), y01 = Lane(lanes, 0, 1), y02 = Lane(lanes, 0, 2), y03 = Lane(lanes, 0, 3);
        TVector y10 = Lane(lanes, 1, 0), y11 = Lane(lanes, 1, 1), y12 = Lane(lanes, 1, 2), y13 = Lane(lanes, 1, 3);
        TVector y20 = Lane(lanes, 2, 0), y21 = Lane(lanes, 2, 1), y22 = Lane(lanes, 2, 2), y23 = Lane(lanes, 2, 3);
        TVector y30 = Lane(lanes, 3, 0), y31 = Lane(lanes, 3, 1), y32 = Lane(lanes, 3, 2), y33 = Lane(lanes, 3, 3);
        for (nint k = 0; k < length; k += Lanes)
        {
            TVector x0 = TSimd.Load(x + k);
            y00 = TWeights.MultiplyAdd<TVector, TSimd>(row0, k, x0, y00);
            y10 = TWeights.MultiplyAdd<TVector, TSimd>(row1, k, x0, y10);
            y20 = TWeights.MultiplyAdd<TVector, TSimd>(row2, k, x0, y20);
            y30 = TWeights.MultiplyAdd<TVector, TSimd>(row3, k, x0, y30);
            if (VectorsAtOnce > 1)
            {
                TVector x1 = TSimd.Load(x + k + TSimd.Count);
                y01 = TWeights.MultiplyAdd<TVector, TSimd>(row0, k + TSimd.Count, x1, y01);
                y11 = TWeights.MultiplyAdd<TVector, TSimd>(row1, k + TSimd.Count, x1, y11);
                y21 = TWeights.MultiplyAdd<TVector, TSimd>(row2, k + TSimd.Count, x1, y21);
                y31 = TWeights.MultiplyAdd<TVector, TSimd>(row3, k + TSimd.Count, x1, y31);
            }

            if (VectorsAtOnce > 2)
            {
                TVector x2 = TSimd.Load(x + k + (2 * TSimd.Count));
                TVector x3 = TSimd.Load(x + k + (3 * TSimd.Count));
                y02 = TWeights.MultiplyAdd<TVector, TSimd>(row0, k + (2 * TSimd.Count), x2, y02);
                y03 = TWeights.MultiplyAdd<TVector, TSimd>(row0, k + (3 * TSimd.Count), x3, y03);
                y12 = TWeights.MultiplyAdd<TVector, TSimd>(row1, k + (2 * TSimd.Count), x2, y12);
                y13 = TWeights.MultiplyAdd<TVector, TSimd>(row1, k + (3 * TSimd.Count), x3, y13);
                y22 = TWeights.MultiplyAdd<TVector, TSimd>(row2, k + (2 * TSimd.Count), x2, y22);
                y23 = TWeights.MultiplyAdd<TVector, TSimd>(row2, k + (3 * TSimd.Count), x3, y23);
                y32 = TWeights.MultiplyAdd<TVector, TSimd>(row3, k + (2 * TSimd.Count), x2, y32);
                y33 = TWeights.MultiplyAdd<TVector, TSimd>(row3, k + (3 * TSimd.Count), x3, y33);
            }
        }

        Store(y00, y01, y02, y03, lanes);
        Store(y10, y11, y12, y13, lanes + Lanes);
        Store(y20, y21, y22, y23, lanes + (2 * Lanes));
        Store(y30, y31, y32, y33, lanes + (3 * Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Lane(float* lanes, int row, int vector) =>
        vector < VectorsAtOnce ? TSimd.Load(lanes + (row * Lanes) + (vector * TSimd.Count)) : TSimd.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector y0, TVector y1, TVector y2, TVector y3, float* lanes)
    {
        TSimd.Store(y0, lanes);
        if (VectorsAtOnce > 1)
        {
            TSimd.Store(y1, lanes + TSimd.Count);
        }

        if (VectorsAtOnce > 2)
        {
            TSimd.Store(y2, lanes + (2 * TSimd.Count));
            TSimd.Store(y3, lanes + (3 * TSimd.Count));
        }
    }
}
