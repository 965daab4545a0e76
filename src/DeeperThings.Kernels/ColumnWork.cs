using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// A group of a convolution whose columns, the positions of the output, are divided among the threads: a piece of the work is some of them with all filters, packed and multiplied by one thread in a part of the
/// scratch of its own, so that what is packed stays in its core's cache.
/// </summary>
internal unsafe struct ColumnWork<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    public ConvolutionArguments Arguments;
    public Region Region;
    public PackedFilters Filters;
    public ConvolutionBlocking Blocking;
    public int Group;

    public readonly void Invoke(int index) => VectorVariant<TVector, TSimd>.ConvolveGroup(
        Arguments, Region, Filters, Blocking, Group, Blocking.ColumnPart(index), Arguments.Scratch.Data + (index * Blocking.PartCount), WorkerPool.Caller);
}
