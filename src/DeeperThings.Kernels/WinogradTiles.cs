using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// A Winograd convolution whose tiles are divided among the threads: a piece of the work is a part of the tiles with all filters and channels, in a part of the scratch of its own. Every thread transforms all
/// filters for that, but what it transforms stays in its core's cache, and the threads meet once a layer.
/// </summary>
internal unsafe struct WinogradTiles<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    public ConvolutionArguments Arguments;
    public WinogradBlocking Blocking;

    public readonly void Invoke(int index) => VectorVariant<TVector, TSimd>.ConvolveTiles(
        Arguments, Blocking, Blocking.Part(index), Arguments.Scratch.Data + (index * Blocking.PartCount), WorkerPool.Caller);
}
