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
        int width = Region.Columns.Length;

        // A run is what lies in one piece in all maps: all rows, or one.
        int rowsOfRun = Input.RowStride == width && Output.RowStride == width ? Region.Rows.Length : 1;
        if (channel < Common.Channels && Stride == 1 && Sample == 1 && Region.Columns.End <= Common.Columns && Region.Rows.End <= Common.Rows)
        {
            rowsOfRun = From.RowStride == width ? rowsOfRun : 1;
            for (int row = Region.Rows.Start; row < Region.Rows.End; row += rowsOfRun)
            {
                int column = Region.Columns.Start;
                VectorLoops.ScaledSum(
                    Input.At(channel, row, column), Alpha, From.At(channel, row, column), Beta, Output.At(channel, row, column), (long)width * rowsOfRun, Activation);
            }
        }
        else
        {
            for (int row = Region.Rows.Start; row < Region.Rows.End; row += rowsOfRun)
            {
                SparseRun(channel, new(row, row + rowsOfRun));
            }
        }
    }

    /// <summary>Rows of which some have elements in common with the other map, or none.</summary>
    private readonly void SparseRun(int channel, Interval rows)
    {
        float* target = Output.At(channel, rows.Start, Region.Columns.Start);
        int count = Region.Columns.Length * rows.Length;
        float* source = Input.At(channel, rows.Start, Region.Columns.Start);
        if (source != target)
        {
            new ReadOnlySpan<float>(source, count).CopyTo(new(target, count));
        }

        Interval common = Elementwise.CeilingDivide(rows, Sample).Intersect(Interval.All(Common.Rows));
        Interval columns = Elementwise.CeilingDivide(Region.Columns, Sample).Intersect(Interval.All(Common.Columns));
        if (channel < Common.Channels && !common.IsEmpty && !columns.IsEmpty)
        {
            for (int row = common.Start; row < common.End; row++)
            {
                float* sum = target + (((row * Sample) - rows.Start) * Region.Columns.Length) + ((columns.Start * Sample) - Region.Columns.Start);
                VectorLoops.ScaledAdd(From.At(channel, row * Stride, columns.Start * Stride), Stride, sum, Sample, columns.Length, Alpha, Beta);
            }
        }

        VectorLoops.Activate(target, count, Activation);
    }
}
