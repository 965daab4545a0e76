using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// Packs a block of B, rows k in <see cref="Ks"/> × columns n in <see cref="Ns"/>, straight from the feature map: im2col that never exists as a whole.
/// The block is <see cref="MicroPanels"/>, each [k][columns], in whole vectors, zero padded.
/// A piece of the work is a chunk of input channels: their padded rows go to slots first, then each tap of each channel is one row of every micro-panel.
/// </summary>
internal unsafe struct PackWork<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    private const int TapTable = 512;

    public PaddedRows Rows;
    public bool IsPointwise;

    /// <summary>Whether much of the input is in other cores' caches, in planes of their own.</summary>
    public bool IsFar;
    public Region Region;

    /// <summary>The input channel of k = 0.</summary>
    public int FirstChannel;
    public Interval Ks;
    public Interval Ns;
    public int ChunkChannels;
    public float* Slots;
    public long SlotCount;
    public float* Packed;

    public readonly int Chunks => (Channels.Length + ChunkChannels - 1) / ChunkChannels;

    private readonly int Area => Rows.Rows.Size * Rows.Columns.Size;

    /// <summary>The channels that <see cref="Ks"/> touches, counted from <see cref="FirstChannel"/>.</summary>
    private readonly Interval Channels => new(Ks.Start / Area, ((Ks.End - 1) / Area) + 1);

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int index)
    {
        int start = Channels.Start + (index * ChunkChannels);
        var chunk = new Interval(start, Math.Min(start + ChunkChannels, Channels.End));
        int width = Region.Columns.Length;
        int firstRow = Ns.Start / width;
        if (!IsPointwise)
        {
            int endRow = ((Ns.End - 1) / width) + 1;
            for (int channel = chunk.Start; channel < chunk.End; channel++)
            {
                Rows.Copy(FirstChannel + channel, Region.Rows.Start + firstRow, Region.Rows.Start + endRow, Slot(channel));
            }
        }

        nint* taps = stackalloc nint[TapTable];
        for (int tap = 0; tap < Math.Min(Area, TapTable); tap++)
        {
            taps[tap] = Rows.TapOffset(tap);
        }

        Segment* segments = stackalloc Segment[3 * 16];
        var panels = new MicroPanels(Ns.Length, TSimd.Count);
        for (int panel = 0; panel < panels.Count; panel++)
        {
            Interval columns = panels[panel].Shift(Ns.Start);
            int count = Cut(columns, firstRow, segments);
            int stored = (columns.Length + TSimd.Count - 1) / TSimd.Count * TSimd.Count;
            float* target = Packed + ((long)(columns.Start - Ns.Start) * Ks.Length) + ((long)(Math.Max(chunk.Start * Area, Ks.Start) - Ks.Start) * stored);
            if (count == 1 && columns.Length == 3 * TSimd.Count)
            {
                PackRun(chunk, taps, segments[0].Source, target);
            }
            else
            {
                PackSegments(chunk, taps, new(segments, count), columns.Length, stored, target);
            }
        }
    }

    /// <summary>All columns of the micro-panel are consecutive in the input.</summary>
    private readonly void PackRun(Interval chunk, nint* taps, nint offset, float* target)
    {
        for (int channel = chunk.Start; channel < chunk.End; channel++)
        {
            float* source = Source(channel) + offset;
            PrefetchChannel(source, 3 * TSimd.Count);
            Interval range = Taps(channel);
            for (int tap = range.Start; tap < range.End; tap++)
            {
                float* row = source + (tap < TapTable ? taps[tap] : Rows.TapOffset(tap));
                TVector first = TSimd.Load(row);
                TVector second = TSimd.Load(row + TSimd.Count);
                TVector third = TSimd.Load(row + (2 * TSimd.Count));
                TSimd.Store(first, target);
                TSimd.Store(second, target + TSimd.Count);
                TSimd.Store(third, target + (2 * TSimd.Count));
                target += 3 * TSimd.Count;
            }
        }
    }

    private readonly void PackSegments(Interval chunk, nint* taps, ReadOnlySpan<Segment> segments, int columns, int stored, float* target)
    {
        int lastTap = Taps(chunk.End - 1).End - 1;
        for (int channel = chunk.Start; channel < chunk.End; channel++)
        {
            float* source = Source(channel);
            PrefetchChannel(source + segments[0].Source, columns);
            Interval range = Taps(channel);
            for (int tap = range.Start; tap < range.End; tap++)
            {
                float* row = source + (tap < TapTable ? taps[tap] : Rows.TapOffset(tap));

                // Whole vectors may read past the segment in a slot, and write past it what the next segment or row overwrites.
                // Not so in the input map, and not behind the last row of the chunk: there is another's memory.
                if (IsPointwise || (channel == chunk.End - 1 && tap == lastTap))
                {
                    foreach (ref readonly Segment segment in segments)
                    {
                        CopyExactly(row + segment.Source, target + segment.Target, segment.Length);
                    }
                }
                else
                {
                    foreach (ref readonly Segment segment in segments)
                    {
                        float* from = row + segment.Source;
                        float* to = target + segment.Target;
                        for (int i = 0; i < segment.Length; i += TSimd.Count)
                        {
                            TSimd.Store(TSimd.Load(from + i), to + i);
                        }
                    }
                }

                for (int i = columns; i < stored; i++)
                {
                    target[i] = 0;
                }

                target += stored;
            }
        }
    }

    /// <summary>Begins to load the same columns of a channel that is packed soon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void PrefetchChannel(float* source, int columns)
    {
        const int Ahead = 8;
        if (IsFar)
        {
            CacheLine.Prefetch(source + (Ahead * (nint)Rows.Input.ChannelStride), CacheLine.Floats, (columns + CacheLine.Floats - 1) / CacheLine.Floats);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyExactly(float* source, float* target, int length)
    {
        int i = 0;
        for (; i <= length - TSimd.Count; i += TSimd.Count)
        {
            TSimd.Store(TSimd.Load(source + i), target + i);
        }

        for (; i < length; i++)
        {
            target[i] = source[i];
        }
    }

    /// <summary>Cuts the micro-panel's columns at the ends of output rows.</summary>
    private readonly int Cut(Interval columns, int firstRow, Segment* segments)
    {
        int width = Region.Columns.Length;
        FeatureMap input = Rows.Input;
        nint pitch = IsPointwise ? input.RowStride : Rows.Pitch * Rows.Rows.Stride;
        nint first = IsPointwise
            ? ((nint)(Region.Rows.Start + firstRow - input.Region.Rows.Start) * pitch) + Region.Columns.Start - input.Region.Columns.Start
            : 0;
        int count = 0;
        int row = (columns.Start / width) - firstRow;
        int x = columns.Start % width;
        for (int n = columns.Start; n < columns.End; row++, x = 0)
        {
            int length = pitch == width ? columns.End - n : Math.Min(width - x, columns.End - n);
            segments[count++] = new Segment { Source = first + (row * pitch) + x, Target = n - columns.Start, Length = length };
            n += length;
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly float* Source(int channel) => IsPointwise
        ? Rows.Input.At(FirstChannel + channel, Rows.Input.Region.Rows.Start, Rows.Input.Region.Columns.Start)
        : Slot(channel);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly float* Slot(int channel) => Slots + ((channel - (Ks.Start / Area)) * SlotCount);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly Interval Taps(int channel) => Ks.Intersect(new(channel * Area, (channel + 1) * Area)).Shift(-channel * Area);

    private struct Segment
    {
        public nint Source;
        public int Target;
        public int Length;
    }
}
