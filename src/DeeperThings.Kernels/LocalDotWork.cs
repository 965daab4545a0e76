using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>The filters of consecutive positions of a locally connected layer, each position with its own vector. A piece of the work is a run of filters at one position.</summary>
internal unsafe struct LocalDotWork<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    private const int PieceFilters = 32;

    public LocallyConnectedArguments Arguments;
    public long FirstPosition;

    public readonly int PiecesOfPosition => (Arguments.Region.Channels.Length + PieceFilters - 1) / PieceFilters;

    public readonly void Invoke(int index)
    {
        (int patch, int piece) = Math.DivRem(index, PiecesOfPosition);
        Region region = Arguments.Region;
        int filters = region.Channels.Length;
        long position = FirstPosition + patch;
        long rowStride = LocallyConnected.RowStride(Arguments.Shape);
        (int row, int column) = ((int)(position / region.Columns.Length), (int)(position % region.Columns.Length));
        var rows = new DotRows
        {
            Weights = Arguments.Packed.Data + Arguments.Shape.WeightType.Room(position * filters * rowStride),
            WeightType = Arguments.Shape.WeightType,
            RowStride = rowStride,
            Vector = Arguments.Scratch.Data + (patch * rowStride),
            Length = LocallyConnected.K(Arguments.Shape),
            Bias = Arguments.Bias.IsEmpty ? null : Arguments.Bias.Data + position,
            BiasStride = (long)region.Rows.Length * region.Columns.Length,
            Output = Arguments.Output.At(region.Channels.Start, region.Rows.Start + row, region.Columns.Start + column),
            OutputStride = Arguments.Output.ChannelStride,
            Activation = Arguments.Activation,
        };
        DotKernel<TVector, TSimd>.Run(rows, new(piece * PieceFilters, Math.Min((piece + 1) * PieceFilters, filters)));
    }
}
