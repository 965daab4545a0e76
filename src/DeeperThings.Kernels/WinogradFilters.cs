using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// U = G g Gᵀ for some panels of packed filters and a block of channels; a piece of the work is some channels of one panel. U is [frequency][panel][channel][8 filters]:
/// A of <see cref="MicroKernel{TVector, TSimd}"/>. Vectors run along the filters of a panel; of 16 floats, they hold those of two channels.
/// </summary>
internal unsafe struct WinogradFilters<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    private const int Size = WinogradBlocking.PatchSize;
    private const int Rows = WinogradBlocking.PanelRows;
    private const int PieceChannels = 16;

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
    public int Panels;

    public readonly int Pieces => Panels * PanelPieces;

    public readonly int PanelPieces => (Channels.Length + PieceChannels - 1) / PieceChannels;

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int index)
    {
        const int LongestWindow = 5;
        const int MostChannels = 2;
        int step = Math.Max(1, TSimd.Count / Rows);
        int weights = Blocking.WindowSize * Blocking.WindowSize * Rows;
        float* half = stackalloc float[Size * LongestWindow * Rows * MostChannels];
        float* expanded = stackalloc float[LongestWindow * LongestWindow * Rows * MostChannels];
        nint stride = Blocking.FilterStride;
        int panel = index / PanelPieces;
        int start = (index - (panel * PanelPieces)) * PieceChannels;
        int end = Math.Min(start + PieceChannels, Channels.Length);
        float* target = Target + ((((nint)panel * Channels.Length) + start) * Rows);
        bool isFloat16 = WeightType == ElementType.Float16;
        nint first = ((nint)panel * Rows * K) + ((nint)(Channels.Start + start) * weights);
        for (int channel = start; channel < end; channel += step, first += step * weights, target += step * Rows)
        {
            int count = Math.Min(step, end - channel);
            float* source = Packed + first;
            if (isFloat16)
            {
                source = expanded;
                Float16.Expand<TVector, TSimd>((ushort*)Packed + first, expanded, count * weights);
            }

            if (channel % 2 == 0)
            {
                nint ahead = first + (16 * weights);
                CacheLine.Prefetch(isFloat16 ? Packed + (ahead / 2) : Packed + ahead, CacheLine.Floats, (isFloat16 ? 1 : 2) * weights / CacheLine.Floats);
                CacheLine.Prefetch(target + (3 * CacheLine.Floats), stride, WinogradBlocking.Frequencies);
            }

            if (count < step)
            {
                Transform<Vector256<float>, Simd256>(source, weights, half, target, stride);
            }
            else
            {
                Transform<TVector, TSimd>(source, weights, half, target, stride);
            }
        }
    }

    /// <summary>The filters of one channel or, where a vector is wider than a panel, of as many as it holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Transform<TPart, TPartSimd>(float* source, nint channelStride, float* half, float* target, nint stride)
        where TPart : unmanaged
        where TPartSimd : struct, ISimd<TPart>
    {
        for (int i = 0; i < Rows; i += TPartSimd.Count)
        {
            if (Blocking.WindowSize == 3)
            {
                WinogradTransform<TPart, TPartSimd>.Filter3x3(source + i, channelStride, target + i, stride);
            }
            else
            {
                WinogradTransform<TPart, TPartSimd>.Filter5x5(source + i, channelStride, half, target + i, stride);
            }
        }
    }
}
