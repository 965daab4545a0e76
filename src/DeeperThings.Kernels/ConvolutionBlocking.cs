using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// How a convolution is cut into blocks of GEMM, C[filters, N] = A[filters, K] · B[K, N], N = rows × columns of the output region, and what the scratch holds:
/// first the slots, one per channel of a block, with the input rows of a block of N, zero padded and split by column phase; then the packed block of B.
/// It does not depend on threads or instruction set, so neither does <see cref="Convolution.ScratchCount"/>.
/// </summary>
internal readonly struct ConvolutionBlocking
{
    /// <summary>A multiple of the columns of every micro-kernel: 48, 24, 12, 3.</summary>
    public const int ColumnStep = 48;

    /// <summary>Vectors that copy out of a slot may read this far behind it.</summary>
    public const int Slack = 16;

    // 8 filters × 320 are 10 KB of a 32 KB L1; B has 384 KB, so that it stays in an L2 of 512 KB or more.
    public const int MaximumKc = 320;
    private const int MaximumPacked = 96 * 1024;
    private const int MaximumSlots = 96 * 1024;

    public ConvolutionBlocking(in ConvolutionShape shape, Region output, Interval channels)
    {
        Window rows = shape.Rows;
        Window columns = shape.Columns;
        K = checked(channels.Length * shape.FilterArea);
        N = checked(output.Rows.Length * output.Columns.Length);
        IsPointwise = rows is { Size: 1, Stride: 1, PadBefore: 0, PadAfter: 0 } && columns is { Size: 1, Stride: 1, PadBefore: 0, PadAfter: 0 };
        Phases = Math.Min(columns.Stride, columns.Extent);
        PhaseLength = output.Columns.Length + ((columns.Extent - 1) / columns.Stride);
        Kc = ChooseKc(channels.Length, shape.FilterArea);
        while (true)
        {
            Nc = ChooseNc(N, Kc);
            BlockChannels = Kc % shape.FilterArea == 0 ? Kc / shape.FilterArea : Math.Min(channels.Length, 2);
            int span = Math.Min(output.Rows.Length, ((Nc - 1) / output.Columns.Length) + 2);
            SlotCount = IsPointwise ? 0 : (((span - 1L) * rows.Stride) + rows.Extent) * Phases * PhaseLength;
            if (BlockChannels == 1 || Kc <= shape.FilterArea || SlotCount * BlockChannels <= MaximumSlots)
            {
                break;
            }

            Kc = (BlockChannels + 1) / 2 * shape.FilterArea;
        }
    }

    public int K { get; }

    public int N { get; }

    public int Kc { get; }

    /// <summary>A multiple of <see cref="ColumnStep"/>.</summary>
    public int Nc { get; }

    /// <summary>Channels that a block of k touches, at most.</summary>
    public int BlockChannels { get; }

    /// <summary>A 1 × 1 window at every position: B is the input map itself, and needs no slots.</summary>
    public bool IsPointwise { get; }

    /// <summary>Input columns are kept in this many runs of a stride's distance, so that the columns of any tap are contiguous.</summary>
    public int Phases { get; }

    public int PhaseLength { get; }

    /// <summary>Floats of one slot.</summary>
    public long SlotCount { get; }

    public long SlotsCount => IsPointwise ? 0 : (SlotCount * BlockChannels) + Slack;

    public long Count => SlotsCount + ((long)Kc * Math.Min(Nc, RoundUp(N)));

    public static long ScratchCount(in ConvolutionShape shape, Region output, Interval channels) => PackedFilters.IsDepthwise(shape)
        ? new DepthwiseBlocking(shape, output).Count
        : shape.Algorithm == ConvolutionAlgorithm.Winograd ? new WinogradBlocking(output, channels).ScratchCount
        : new ConvolutionBlocking(shape, output, channels).Count;

    private static int RoundUp(int n) => (n + ColumnStep - 1) / ColumnStep * ColumnStep;

    // Blocks of equal size, so that the last one is not a small rest; whole channels where the window is not larger than a block.
    private static int ChooseKc(int channels, int area)
    {
        if (area > MaximumKc)
        {
            int parts = (area + MaximumKc - 1) / MaximumKc;
            return (area + parts - 1) / parts;
        }

        int most = MaximumKc / area;
        int blocks = (channels + most - 1) / most;
        return (channels + blocks - 1) / blocks * area;
    }

    private static int ChooseNc(int n, int kc)
    {
        int most = Math.Max(ColumnStep, MaximumPacked / kc / ColumnStep * ColumnStep);
        int blocks = (n + most - 1) / most;
        return RoundUp((n + blocks - 1) / blocks);
    }
}
