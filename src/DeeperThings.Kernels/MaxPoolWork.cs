using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// The maximum of each window: down the window's rows into one row of maxima, -infinity where there is padding, then along its columns. The row is split by column phase
/// (position modulo stride), so that either is a maximum of contiguous runs for any stride. A piece of the work is one channel.
/// </summary>
internal unsafe struct MaxPoolWork : IWork
{
    /// <summary>Columns of a row of maxima that are on the stack at a time.</summary>
    public const int MaximumColumns = 1024;

    public Window Rows;
    public Window Columns;
    public Shape InputShape;
    public FeatureMap Input;
    public FeatureMap Output;
    public Region Region;

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int index)
    {
        int channel = Region.Channels.Start + index;
        float* down = stackalloc float[MaximumColumns];
        float* split = stackalloc float[2 * MaximumColumns];
        int outputs = Math.Max(1, ((MaximumColumns - Columns.Extent) / Columns.Stride) + 1);
        for (int row = Region.Rows.Start; row < Region.Rows.End; row++)
        {
            for (int start = Region.Columns.Start; start < Region.Columns.End; start += outputs)
            {
                var chunk = new Interval(start, Math.Min(Region.Columns.End, start + outputs));
                Interval field = Columns.ReceptiveField(chunk);
                Down(channel, row, field, down);
                Along(down, field.Length, split, Output.At(channel, row, start), chunk.Length);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Down(int channel, int row, Interval field, float* down)
    {
        Interval columns = field.Intersect(Interval.All(InputShape.Columns));
        int first = (row * Rows.Stride) - Rows.PadBefore;
        int begin = field.Length;
        int end = field.Length;
        for (int r = 0; r < Rows.Size; r++)
        {
            int inputRow = first + (r * Rows.Dilation);
            if (inputRow < 0 || inputRow >= InputShape.Rows || columns.IsEmpty)
            {
                continue;
            }

            float* source = Input.At(channel, inputRow, columns.Start);
            float* target = down + (columns.Start - field.Start);
            if (begin == end)
            {
                (begin, end) = (columns.Start - field.Start, columns.End - field.Start);
                VectorLoops.Numbers(source, target, columns.Length);
            }
            else
            {
                VectorLoops.Max(source, target, target, columns.Length);
            }
        }

        for (int i = 0; i < begin; i++)
        {
            down[i] = float.NegativeInfinity;
        }

        for (int i = end; i < field.Length; i++)
        {
            down[i] = float.NegativeInfinity;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Along(float* down, int length, float* split, float* output, int outputs)
    {
        int stride = Columns.Stride;
        float* phases = down;
        int phaseLength = 0;
        if (stride > 1)
        {
            phases = split;
            phaseLength = (length + stride - 1) / stride;
            Split(down, length, split, phaseLength);
        }

        float* maxima = phases;
        for (int s = 1; s < Columns.Size; s++)
        {
            int offset = s * Columns.Dilation;
            VectorLoops.Max(phases + (offset % stride * phaseLength) + (offset / stride), maxima, output, outputs);
            maxima = output;
        }

        if (Columns.Size == 1)
        {
            new ReadOnlySpan<float>(maxima, outputs).CopyTo(new(output, outputs));
        }
    }

    /// <summary>source[i·stride + phase] to target[phase][i], for the phases that a window reads; the last element of a phase may not exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Split(float* source, int length, float* target, int phaseLength)
    {
        int stride = Columns.Stride;
        int done = 0;
        if (stride == 2)
        {
            for (; (done + Vector128<float>.Count) * 2 <= length; done += Vector128<float>.Count)
            {
                Vector128<float> low = Vector128.Load(source + (2 * done));
                Vector128<float> high = Vector128.Load(source + (2 * done) + Vector128<float>.Count);
                Transpose.Even(low, high).Store(target + done);
                Transpose.Odd(low, high).Store(target + phaseLength + done);
            }
        }

        for (int phase = 0; phase < Math.Min(stride, Columns.Extent); phase++)
        {
            float* to = target + (phase * phaseLength);
            for (int i = done; (i * stride) + phase < length; i++)
            {
                to[i] = source[(i * stride) + phase];
            }
        }
    }
}
