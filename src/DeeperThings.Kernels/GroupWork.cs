using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// A convolution of many small groups; a piece of the work is a group, packed and multiplied by one thread in a part of the scratch of its own, so that it stays in its core's cache.
/// </summary>
internal unsafe struct GroupWork<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    public ConvolutionArguments Arguments;
    public Region Region;
    public PackedFilters Filters;
    public ConvolutionBlocking Blocking;
    public int FirstGroup;

    public readonly void Invoke(int index) => VectorVariant<TVector, TSimd>.ConvolveGroup(
        Arguments, Region, Filters, Blocking, FirstGroup + index, new(0, Blocking.N), Arguments.Scratch.Data + (index * Blocking.PartCount), WorkerPool.Caller);
}
