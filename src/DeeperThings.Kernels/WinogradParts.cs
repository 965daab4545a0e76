namespace DeeperThings.Kernels;

/// <summary>
/// A Winograd convolution that is divided among the threads: a piece of the work is a part of the tiles with all filters, or a part of the filters with all tiles, in a part of the scratch of its own. Every thread
/// transforms all filters, or the whole input, for that, but what it transforms stays in its core's cache, and the threads meet once a layer.
/// </summary>
internal unsafe struct WinogradParts<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    public ConvolutionArguments Arguments;
    public WinogradBlocking Blocking;

    public readonly void Invoke(int index) => VectorVariant<TVector, TSimd>.ConvolvePart(
        Arguments, Blocking, index, Arguments.Scratch.Data + (index * Blocking.PartCount), WorkerPool.Caller);
}
