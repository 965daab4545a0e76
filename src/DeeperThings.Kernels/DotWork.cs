using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Rows of weights times one vector, see <see cref="DotKernel{TVector, TSimd}"/>. A piece of the work is a run of rows.</summary>
internal unsafe struct DotWork<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    private const int PieceRows = 32;

    public DotRows Rows;
    public int Count;

    public readonly int Pieces => (Count + PieceRows - 1) / PieceRows;

    public readonly void Invoke(int index) => DotKernel<TVector, TSimd>.Run(Rows, new(index * PieceRows, Math.Min((index + 1) * PieceRows, Count)));
}
