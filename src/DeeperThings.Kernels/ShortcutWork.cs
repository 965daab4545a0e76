using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>See <see cref="Elementwise.Shortcut"/>. A piece of the work is one channel.</summary>
internal unsafe struct ShortcutWork : IWork
{
    public FeatureMap Input;
    public FeatureMap From;
    public FeatureMap Output;
    public Region Region;
    public float Alpha;
    public float Beta;
    public Activation Activation;

    /// <summary>The common elements, in the smaller map.</summary>
    public Shape Common;

    /// <summary>Elements of the other map between two common ones.</summary>
    public int Stride;

    /// <summary>Elements of the output between two common ones.</summary>
    public int Sample;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int index)
    {
        int channel = Region.Channels.Start + index;
        bool rowsAreCommon = channel < Common.Channels && Stride == 1 && Sample == 1 && Region.Columns.End <= Common.Columns;
        int width = Region.Columns.Length;
        if (rowsAreCommon && Region.Rows.End <= Common.Rows && Input.RowStride == width && From.RowStride == width && Output.RowStride == width)
        {
            Sum(channel, Region.Rows.Start, (long)width * Region.Rows.Length);
            return;
        }

        for (int row = Region.Rows.Start; row < Region.Rows.End; row++)
        {
            if (rowsAreCommon && row < Common.Rows)
            {
                Sum(channel, row, width);
            }
            else
            {
                SparseRow(channel, row);
            }
        }
    }

    private readonly void Sum(int channel, int row, long count)
    {
        int column = Region.Columns.Start;
        VectorLoops.ScaledSum(Input.At(channel, row, column), Alpha, From.At(channel, row, column), Beta, Output.At(channel, row, column), count, Activation);
    }

    private readonly void SparseRow(int channel, int row)
    {
        float* target = Output.At(channel, row, Region.Columns.Start);
        int width = Region.Columns.Length;
        new ReadOnlySpan<float>(Input.At(channel, row, Region.Columns.Start), width).CopyTo(new(target, width));
        if (channel < Common.Channels && row % Sample == 0 && row / Sample < Common.Rows)
        {
            Interval counterparts = Elementwise.CeilingDivide(Region.Columns, Sample).Intersect(Interval.All(Common.Columns));
            if (!counterparts.IsEmpty)
            {
                float* add = From.At(channel, row / Sample * Stride, counterparts.Start * Stride);
                float* first = target + ((counterparts.Start * Sample) - Region.Columns.Start);
                VectorLoops.ScaledAdd(add, Stride, first, Sample, counterparts.Length, Alpha, Beta);
            }
        }

        VectorLoops.Activate(target, width, Activation);
    }
}
