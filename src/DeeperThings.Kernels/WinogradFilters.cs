using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// U = G g Gᵀ for some panels of packed filters and a block of channels; a piece of the work is one panel. U is [frequency][panel][channel][8 filters]:
/// A of <see cref="MicroKernel{TVector, TSimd}"/>. Vectors run along the filters of a panel, so they have at most 8 floats.
/// </summary>
internal unsafe struct WinogradFilters<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    private const int Size = WinogradBlocking.PatchSize;
    private const int Rows = WinogradBlocking.PanelRows;
    private const int WindowSize = 3;

    public WinogradBlocking Blocking;

    /// <summary>Packed weights of the first panel.</summary>
    public float* Packed;

    /// <summary>How <see cref="Packed"/> are stored.</summary>
    public ElementType WeightType;

    /// <summary>Length of a filter.</summary>
    public int K;

    /// <summary>Channels, counted from the first one that is packed.</summary>
    public Interval Channels;
    public float* Target;

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int index)
    {
        const int Area = WindowSize * WindowSize;
        float* half = stackalloc float[Size * WindowSize * Rows];
        nint stride = Blocking.FilterStride;
        float* target = Target + ((nint)index * Rows * Channels.Length);
        float* expanded = stackalloc float[Area * Rows];
        bool isFloat16 = WeightType == ElementType.Float16;
        nint first = ((nint)index * Rows * K) + ((nint)Channels.Start * Area * Rows);
        for (int channel = 0; channel < Channels.Length; channel++, first += Area * Rows, target += Rows)
        {
            float* source = Packed + first;
            if (isFloat16)
            {
                source = expanded;
                Float16.Expand<TVector, TSimd>((ushort*)Packed + first, expanded, Area * Rows);
            }

            if (channel % 2 == 0)
            {
                nint ahead = first + (16 * Area * Rows);
                CacheLine.Prefetch(isFloat16 ? Packed + (ahead / 2) : Packed + ahead, CacheLine.Floats, (isFloat16 ? 1 : 2) * Area * Rows / CacheLine.Floats);
                CacheLine.Prefetch(target + (3 * CacheLine.Floats), stride, WinogradBlocking.Frequencies);
            }

            for (int i = 0; i < Rows; i += TSimd.Count)
            {
                for (int column = 0; column < WindowSize; column++)
                {
                    WinogradTransform<TVector, TSimd>.Filter(source + i + (column * Rows), WindowSize * Rows, half + (column * Rows), WindowSize * Rows);
                }

                for (int line = 0; line < Size; line++)
                {
                    WinogradTransform<TVector, TSimd>.Filter(half + (line * WindowSize * Rows), Rows, target + i + (line * Size * stride), stride);
                }
            }
        }
    }
}
