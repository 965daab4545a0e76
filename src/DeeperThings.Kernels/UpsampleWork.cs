using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>See <see cref="Elementwise.Upsample"/>. A piece of the work is one channel; rows that repeat are copied.</summary>
internal unsafe struct UpsampleWork : IWork
{
    public FeatureMap Input;
    public FeatureMap Output;
    public Region Region;
    public int Stride;
    public float Scale;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int index)
    {
        int channel = Region.Channels.Start + index;
        int width = Region.Columns.Length;
        for (int row = Region.Rows.Start; row < Region.Rows.End; row++)
        {
            float* target = Output.At(channel, row, Region.Columns.Start);
            if (row > Region.Rows.Start && row % Stride != 0)
            {
                new ReadOnlySpan<float>(Output.At(channel, row - 1, Region.Columns.Start), width).CopyTo(new(target, width));
            }
            else
            {
                Spread(Input.At(channel, row / Stride, Region.Columns.Start / Stride), target);
            }
        }
    }

    private readonly void Spread(float* source, float* target)
    {
        int i = 0;
        int offset = Region.Columns.Start % Stride;
        if (Stride == 2 && offset == 0)
        {
            Vector128<float> scale = Vector128.Create(Scale);
            for (; i <= Region.Columns.Length - (2 * Vector128<float>.Count); i += 2 * Vector128<float>.Count, source += Vector128<float>.Count)
            {
                Vector128<float> x = scale * Vector128.Load(source);
                Transpose.ZipLow(x, x).Store(target + i);
                Transpose.ZipHigh(x, x).Store(target + i + Vector128<float>.Count);
            }
        }

        for (; i < Region.Columns.Length; i++)
        {
            target[i] = Scale * *source;
            if (++offset == Stride)
            {
                offset = 0;
                source++;
            }
        }
    }
}
