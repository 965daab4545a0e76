using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

// One filter with few channels, nothing to reuse: y[row, x..] = Σ over k = (channel, tap), ascending, of w[k] · x[k][row, x..], four vectors of columns at a time.
// The chain of an element is that of the GEMM, padding included. A piece of the work is one filter over a block of output rows.
internal unsafe struct DepthwiseWork<TVector, TSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    public const int TapTable = 512;

    public PaddedRows Input;

    /// <summary>The first <see cref="TapTable"/> offsets of taps.</summary>
    public nint* Taps;
    public Region Region;
    public FeatureMap Output;
    public float* Packed;
    public float* Bias;
    public Activation Activation;
    public int ChannelsPerGroup;
    public long ChannelCount;
    public long InputCount;
    public long WeightsOffset;
    public long SlotCount;
    public ElementType WeightType;
    public float* Slots;

    public int FirstFilter;
    public Interval OutputRows;

    private readonly int Area => Input.Rows.Size * Input.Columns.Size;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Invoke(int index)
    {
        int filter = FirstFilter + index;
        float* slot = Slots + (index * SlotCount);
        for (int c = 0; c < ChannelsPerGroup; c++)
        {
            Input.Copy((filter * ChannelsPerGroup) + c, OutputRows.Start, OutputRows.End, slot + (c * ChannelCount));
        }

        long firstWeight = (long)(filter - Region.Channels.Start) * ChannelsPerGroup * Area;
        float* weights = Packed + firstWeight;
        if (WeightType == ElementType.Float16)
        {
            weights = slot + WeightsOffset;
            Float16.Expand<TVector, TSimd>((ushort*)Packed + firstWeight, weights, ChannelsPerGroup * Area);
        }
        float* bias = Bias is null ? null : Bias + (filter - Region.Channels.Start);
        float* result = slot + InputCount;
        int width = Region.Columns.Length;
        int pitch = (int)Input.Pitch;
        if (Input.Rows.Stride == 1)
        {
            // Output rows at the distance of the input rows are one run, so narrow maps fill the vectors too; what falls between the rows is dropped.
            Convolve(weights, slot, Taps, result, ((OutputRows.Length - 1) * pitch) + width);
        }
        else
        {
            for (int row = 0; row < OutputRows.Length; row++)
            {
                Convolve(weights, slot + (row * Input.Rows.Stride * Input.Pitch), Taps, result + (row * pitch), width);
            }
        }

        // Whole vectors, and what lies between the rows too: there is room, and it is dropped.
        int count = ((OutputRows.Length - 1) * pitch) + width;
        Epilogue<TVector, TSimd>.Run(result, 0, 1, (count + TSimd.Count - 1) / TSimd.Count * TSimd.Count, bias, Activation);
        for (int row = OutputRows.Start; row < OutputRows.End; row++, result += pitch)
        {
            FloatRun.Copy(result, Output.At(filter, row, Region.Columns.Start), width);
        }
    }

    /// <summary>Consecutive outputs. Whole vectors: up to one more is read and written behind the last, in the slot's slack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Convolve(float* weights, float* source, nint* taps, float* target, int count)
    {
        int x = 0;
        for (; x <= count - (4 * TSimd.Count); x += 4 * TSimd.Count)
        {
            FourVectors(weights, source + x, taps, target + x);
        }

        for (; x < count; x += TSimd.Count)
        {
            OneVector(weights, source + x, taps, target + x);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void FourVectors(float* weights, float* source, nint* taps, float* target)
    {
        TVector y0 = TSimd.Zero, y1 = TSimd.Zero, y2 = TSimd.Zero, y3 = TSimd.Zero;
        int area = Area;
        for (int c = 0; c < ChannelsPerGroup; c++, source += ChannelCount)
        {
            for (int tap = 0; tap < area; tap++)
            {
                float* x = source + (tap < TapTable ? taps[tap] : Input.TapOffset(tap));
                TVector w = TSimd.Create(*weights++);
                y0 = TSimd.MultiplyAdd(w, TSimd.Load(x), y0);
                y1 = TSimd.MultiplyAdd(w, TSimd.Load(x + TSimd.Count), y1);
                y2 = TSimd.MultiplyAdd(w, TSimd.Load(x + (2 * TSimd.Count)), y2);
                y3 = TSimd.MultiplyAdd(w, TSimd.Load(x + (3 * TSimd.Count)), y3);
            }
        }

        TSimd.Store(y0, target);
        TSimd.Store(y1, target + TSimd.Count);
        TSimd.Store(y2, target + (2 * TSimd.Count));
        TSimd.Store(y3, target + (3 * TSimd.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void OneVector(float* weights, float* source, nint* taps, float* target)
    {
        TVector y = TSimd.Zero;
        int area = Area;
        for (int c = 0; c < ChannelsPerGroup; c++, source += ChannelCount)
        {
            for (int tap = 0; tap < area; tap++)
            {
                y = TSimd.MultiplyAdd(TSimd.Create(*weights++), TSimd.Load(source + (tap < TapTable ? taps[tap] : Input.TapOffset(tap))), y);
            }
        }

        TSimd.Store(y, target);
    }
}
