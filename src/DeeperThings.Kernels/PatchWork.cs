using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Gathers what consecutive output positions of a locally connected layer read, one vector over k per position, into the scratch.</summary>
internal unsafe struct PatchWork : IWork
{
    public LocallyConnectedArguments Arguments;
    public long FirstPosition;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int index)
    {
        ConvolutionShape shape = Arguments.Shape;
        Region region = Arguments.Region;
        float* patch = Arguments.Scratch.Data + (index * LocallyConnected.RowStride(shape));
        long position = FirstPosition + index;
        int firstRow = ((region.Rows.Start + (int)(position / region.Columns.Length)) * shape.Rows.Stride) - shape.Rows.PadBefore;
        int firstColumn = ((region.Columns.Start + (int)(position % region.Columns.Length)) * shape.Columns.Stride) - shape.Columns.PadBefore;
        for (int c = 0; c < shape.InputChannels; c++)
        {
            for (int r = 0; r < shape.Rows.Size; r++)
            {
                int row = firstRow + (r * shape.Rows.Dilation);
                float* source = Arguments.Input.At(c, row, 0);
                for (int s = 0; s < shape.Columns.Size; s++)
                {
                    int column = firstColumn + (s * shape.Columns.Dilation);
                    bool inside = row >= 0 && row < Arguments.InputShape.Rows && column >= 0 && column < Arguments.InputShape.Columns;
                    *patch++ = inside ? source[column] : 0;
                }
            }
        }
    }
}
