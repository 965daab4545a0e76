using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// Copies input rows of one channel into scratch, zeroes where there is padding, and splits the columns by phase (position modulo stride).
/// There the inputs of one tap at consecutive output columns are contiguous for any stride, and no later loop knows padding.
/// A row is [phase][<see cref="PhaseLength"/>].
/// </summary>
internal unsafe struct PaddedRows
{
    public FeatureMap Input;
    public Shape InputShape;
    public Window Rows;
    public Window Columns;

    /// <summary>The output columns that are computed.</summary>
    public Interval OutputColumns;
    public int Phases;
    public int PhaseLength;

    public readonly nint Pitch => (nint)Phases * PhaseLength;

    /// <summary>Where a tap's inputs begin, relative to those of the first tap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly nint TapOffset(int tap)
    {
        int r = tap / Columns.Size;
        int offset = (tap - (r * Columns.Size)) * Columns.Dilation;
        return (r * Rows.Dilation * Pitch) + ((nint)(offset % Columns.Stride) * PhaseLength) + (offset / Columns.Stride);
    }

    /// <summary><see cref="TapOffset"/> of the first taps, as many as there is room for.</summary>
    public readonly void TapOffsets(Span<nint> offsets)
    {
        for (int tap = 0; tap < Math.Min(Rows.Size * Columns.Size, offsets.Length); tap++)
        {
            offsets[tap] = TapOffset(tap);
        }
    }

    /// <summary>Copies what the output rows [<paramref name="firstRow"/>, <paramref name="endRow"/>) read of <paramref name="channel"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Copy(int channel, int firstRow, int endRow, float* target)
    {
        int firstInput = (firstRow * Rows.Stride) - Rows.PadBefore;
        int count = ((endRow - firstRow - 1) * Rows.Stride) + Rows.Extent;
        for (int i = 0; i < count; i++, target += Pitch)
        {
            int row = firstInput + i;
            if (row < 0 || row >= InputShape.Rows)
            {
                new Span<float>(target, (int)Pitch).Clear();
            }
            else if (IsRead(i))
            {
                CopyRow(channel, row, target);
            }
        }
    }

    /// <summary>Whether some tap of some output row reads the i-th row; false between the windows of a stride larger than the window, or of a dilation.</summary>
    private readonly bool IsRead(int i)
    {
        if (Rows.Dilation == 1)
        {
            return i % Rows.Stride < Rows.Size;
        }

        for (int r = 0; r < Rows.Size; r++)
        {
            if ((i - (r * Rows.Dilation)) % Rows.Stride == 0)
            {
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void CopyRow(int channel, int row, float* target)
    {
        int stride = Columns.Stride;
        if (stride == 1)
        {
            CopyDenseRow(channel, row, target);
            return;
        }

        for (int phase = 0; phase < Phases; phase++, target += PhaseLength)
        {
            // Element i is input column first + i·stride.
            int first = (OutputColumns.Start * stride) - Columns.PadBefore + phase;
            int start = Math.Clamp(CeilingDivide(-first, stride), 0, PhaseLength);
            int end = Math.Clamp(CeilingDivide(InputShape.Columns - first, stride), start, PhaseLength);
            Clear(target, 0, start);
            Clear(target, end, PhaseLength);
            if (start == end)
            {
                continue;
            }

            // The last element may be one that no window reads and the map does not store: a phase's end when the window does not reach it.
            end = Math.Min(end, CeilingDivide(Input.Region.Columns.End - first, stride));
            float* source = Input.At(channel, row, first + (start * stride));
            int i = start;
            if (stride == 2)
            {
                // The vectors read the element behind the last one; there is one as long as another output follows.
                for (; i < end - Vector128<float>.Count; i += Vector128<float>.Count, source += 2 * Vector128<float>.Count)
                {
                    Transpose.Even(Vector128.Load(source), Vector128.Load(source + Vector128<float>.Count)).Store(target + i);
                }
            }

            for (; i < end; i++, source += stride)
            {
                target[i] = *source;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void CopyDenseRow(int channel, int row, float* target)
    {
        int first = OutputColumns.Start - Columns.PadBefore;
        int start = Math.Clamp(-first, 0, PhaseLength);
        int end = Math.Clamp(InputShape.Columns - first, start, PhaseLength);
        Clear(target, 0, start);
        Clear(target, end, PhaseLength);
        if (start < end)
        {
            FloatRun.Copy(Input.At(channel, row, first + start), target + start, end - start);
        }
    }

    // Padding is a column or two: a loop is cheaper than a call.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clear(float* target, int start, int end)
    {
        for (int i = start; i < end; i++)
        {
            target[i] = 0;
        }
    }

    private static int CeilingDivide(int x, int by) => x >= 0 ? (x + by - 1) / by : -(-x / by);
}
