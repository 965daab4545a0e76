using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// U = G g Gᵀ for some panels of packed filters and a block of channels; a piece of the work is some channels of one panel. U is [frequency][panel][channel][8 filters]:
/// A of <see cref="MicroKernel{TVector, TSimd}"/>. Vectors run along the filters of a panel, so they have at most 8 floats.
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
        int window = Blocking.WindowSize;
        int area = window * window;
        float* half = stackalloc float[Size * Size * Rows];
        nint stride = Blocking.FilterStride;
        int panel = index / PanelPieces;
        int start = (index - (panel * PanelPieces)) * PieceChannels;
        int end = Math.Min(start + PieceChannels, Channels.Length);
        float* target = Target + ((((nint)panel * Channels.Length) + start) * Rows);
        float* expanded = stackalloc float[area * Rows];
        bool isFloat16 = WeightType == ElementType.Float16;
        nint first = ((nint)panel * Rows * K) + ((nint)(Channels.Start + start) * area * Rows);
        for (int channel = start; channel < end; channel++, first += area * Rows, target += Rows)
        {
            float* source = Packed + first;
            if (isFloat16)
            {
                source = expanded;
                Float16.Expand<TVector, TSimd>((ushort*)Packed + first, expanded, area * Rows);
            }

            if (channel % 2 == 0)
            {
                nint ahead = first + (16 * area * Rows);
                CacheLine.Prefetch(isFloat16 ? Packed + (ahead / 2) : Packed + ahead, CacheLine.Floats, (isFloat16 ? 1 : 2) * area * Rows / CacheLine.Floats);
                CacheLine.Prefetch(target + (3 * CacheLine.Floats), stride, WinogradBlocking.Frequencies);
            }

            for (int i = 0; i < Rows; i += TSimd.Count)
            {
                if (window == 3)
                {
                    WinogradTransform<TVector, TSimd>.Filter3x3(source + i, Rows, target + i, stride);
                    continue;
                }

                for (int column = 0; column < window; column++)
                {
                    WinogradTransform<TVector, TSimd>.Filter5(source + i + (column * Rows), window * Rows, half + (column * Rows), window * Rows);
                }

                for (int line = 0; line < Size; line++)
                {
                    WinogradTransform<TVector, TSimd>.Filter5(half + (line * window * Rows), Rows, target + i + (line * Size * stride), stride);
                }
            }
        }
    }
}
