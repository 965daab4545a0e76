using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// A convolution of which parts are computed side by side: many small groups, or the columns (the positions of the output) or filters of one group, divided among the threads. A piece of the work is a part,
/// packed and multiplied by one thread in a part of the scratch of its own, so that it stays in its core's cache.
/// </summary>
internal unsafe struct PartWork<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    public ConvolutionArguments Arguments;
    public Region Region;
    public PackedFilters Filters;
    public ConvolutionBlocking Blocking;
    public int FirstGroup;

    public readonly void Invoke(int index) => VectorVariant<TVector, TSimd>.ConvolveGroup(
        Arguments,
        Region,
        Filters,
        Blocking,
        FirstGroup + (index / Blocking.Divisions),
        index % Blocking.Divisions,
        Arguments.Scratch.Data + (index * Blocking.PartCount),
        WorkerPool.Caller);
}
