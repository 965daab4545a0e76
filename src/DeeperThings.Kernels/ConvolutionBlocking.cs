using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// How a convolution is cut into blocks of GEMM, C[filters, N] = A[filters, K] · B[K, N], N = rows × columns of the output region, and what the scratch holds:
/// first the slots, one per channel of a block, with the input rows of a block of N, zero padded and split by column phase; then the packed block of B; so for each of
/// <see cref="Parts"/>.
/// Before it is <see cref="TryDivide">divided</see>, it does not depend on threads or instruction set, so neither does <see cref="Convolution.ScratchCount"/>.
/// </summary>
internal readonly struct ConvolutionBlocking
{
    /// <summary>A multiple of the columns of every micro-kernel: 48, 24, 12, 3.</summary>
    public const int ColumnStep = 48;

    /// <summary>Vectors that copy out of a slot may read this far behind it.</summary>
    public const int Slack = 16;

    /// <summary>The longest block of k: 8 filters × 320 are 10 KB of a 32 KB L1.</summary>
    public const int MaximumKc = 320;

    // Groups that are computed side by side; a group of at most this many weights is small enough to be one thread's.
    private const int LeastParts = 4;
    private const int MostParts = 8;
    private const int GroupParts = 4;

    // With fewer columns, a map of less than 16 × 16 for two threads, they would write lines that lie too near each other.
    private const int LeastColumnsOfThread = 8 * EvenParts.VectorFloats;

    // Threads that divide filters each pack all of B: with fewer panels that costs more than it saves.
    private const int LeastPanelsOfThread = 4;

    private const int SmallGroup = 16 * 1024;

    /// <param name="output">A <see cref="Strip"/> of the region.</param>
    public ConvolutionBlocking(in ConvolutionShape shape, Region output, Interval channels)
        : this(shape, output, channels, ChooseParts(shape, output), 1, 1, int.MaxValue)
    {
        if (Parts > 1 && Count > MostParts * Limits.Of(shape.Workspace).DividedBy(GroupParts).Floats)
        {
            this = new(shape, output, channels, 1, 1, 1, int.MaxValue);
        }
    }

    private ConvolutionBlocking(in ConvolutionShape shape, Region output, Interval channels, int parts, int columnParts, int filterParts, int mostColumns)
    {
        Parts = parts;
        ColumnParts = columnParts;
        FilterParts = filterParts;
        Window rows = shape.Rows;
        Window columns = shape.Columns;
        K = checked(channels.Length * shape.FilterArea);
        N = checked(output.Rows.Length * output.Columns.Length);
        IsPointwise = ReadsInPlace(shape);
        Phases = Math.Min(columns.Stride, columns.Extent);
        PhaseLength = output.Columns.Length + ((columns.Extent - 1) / columns.Stride);
        Limits limits = Limits.Of(shape.Workspace).DividedBy(parts > 1 ? GroupParts : Divisions);
        int columnsOfPart = (N + columnParts - 1) / columnParts;
        Kc = ChooseKc(channels.Length, shape.FilterArea, limits.Kc);
        while (true)
        {
            Nc = Math.Min(mostColumns, ChooseNc(columnsOfPart, Kc, IsPointwise ? limits.Packed + limits.Slots : limits.Packed));
            BlockChannels = Kc % shape.FilterArea == 0 ? Kc / shape.FilterArea : Math.Min(channels.Length, 2);
            int span = Math.Min(output.Rows.Length, ((Nc - 1) / output.Columns.Length) + 2);
            SlotCount = IsPointwise ? 0 : (((span - 1L) * rows.Stride) + rows.Extent) * Phases * PhaseLength;
            if (SlotCount * BlockChannels <= limits.Slots || (Nc <= limits.StripColumns && (BlockChannels == 1 || Kc <= shape.FilterArea)))
            {
                break;
            }

            if (Nc > limits.StripColumns)
            {
                mostColumns = Math.Max(limits.StripColumns, Nc / 2 / ColumnStep * ColumnStep);
                continue;
            }

            Kc = (BlockChannels + 1) / 2 * shape.FilterArea;
        }
    }

    /// <summary>Groups that are computed at a time, each in a part of the scratch; one, on all threads, unless groups are many and small.</summary>
    public int Parts { get; }

    /// <summary>Parts of the columns that are computed at a time, each in a part of the scratch: 1 unless it is <see cref="TryDivide">divided</see>.</summary>
    public int ColumnParts { get; }

    /// <summary>Parts of a group's filters that are computed at a time, each with a B of its own: 1 unless it is divided.</summary>
    public int FilterParts { get; }

    /// <summary>Parts of a group that are computed at a time.</summary>
    public int Divisions => ColumnParts * FilterParts;

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

    /// <summary>Floats of a part.</summary>
    public long PartCount => SlotsCount + ((long)Kc * Math.Min(Nc, RoundUp(N)));

    public long Count => Parts * Divisions * PartCount;

    /// <summary>
    /// The blocking of the same convolution with a part of its columns or of its filters for each thread, whichever is faster, if such parts are large enough and <paramref name="room"/> floats of scratch
    /// hold all; else this one.
    /// </summary>
    public bool TryDivide(in ConvolutionShape shape, Region output, Interval channels, int threads, long room, out ConvolutionBlocking divided)
    {
        divided = this;
        if (threads > 1)
        {
            int panels = Math.Min(output.Channels.Length, shape.FiltersPerGroup) / PackedFilters.MostPanelRows;
            ConvolutionBlocking columns = N / LeastColumnsOfThread >= threads ? Fit(shape, output, channels, threads, 1, room) : this;
            ConvolutionBlocking filters = panels / LeastPanelsOfThread >= threads ? Fit(shape, output, channels, 1, threads, room) : this;
            bool isByFilters = filters.Divisions > 1 && (columns.Divisions == 1 || columns.MeetingNanoseconds(output) > filters.PackingNanoseconds(shape));
            divided = isByFilters ? filters : columns;
        }

        return divided.Divisions > 1;
    }

    /// <summary>The columns of a division, in whole vectors.</summary>
    public Interval ColumnsOf(int division) => EvenParts.Of(N, EvenParts.VectorFloats, division % ColumnParts, ColumnParts);

    /// <summary>The filters of a division, in whole panels.</summary>
    public Interval FiltersOf(int division, Interval filters, int panelRows) =>
        EvenParts.Of(filters.Length, panelRows, division % FilterParts, FilterParts).Shift(filters.Start);

    /// <summary>Smaller blocks of columns where those of the undivided convolution do not fit so often; this one where none do.</summary>
    private ConvolutionBlocking Fit(in ConvolutionShape shape, Region output, Interval channels, int columnParts, int filterParts, long room)
    {
        for (int most = Nc; most > 0; most -= ColumnStep)
        {
            var parts = new ConvolutionBlocking(shape, output, channels, 1, columnParts, filterParts, most);
            if (parts.Count <= room)
            {
                return parts;
            }
        }

        return this;
    }

    // Measured, docs/kernels.md. Halves of a plane meet in lines that lie beside each other: what a core fetches ahead there is another's, and has to come back, in each block of k.
    private long MeetingNanoseconds(Region output)
    {
        const int PlaneOfBlock = 100;
        return (long)output.Channels.Length * ((K + Kc - 1) / Kc) * PlaneOfBlock;
    }

    // What threads that divide filters pack more than those that divide columns.
    private long PackingNanoseconds(in ConvolutionShape shape)
    {
        const int Thousand = 1000;
        int picoseconds = IsPointwise ? 230 : shape.Columns.Stride == 1 ? 380 : 900;
        return (long)K * N * picoseconds / Thousand * (FilterParts - 1) / FilterParts;
    }

    /// <summary>Floats of scratch for a whole region, whichever way it is computed.</summary>
    public static long ScratchCount(in ConvolutionShape shape, Region output, Interval channels)
    {
        if (PackedFilters.IsDepthwise(shape))
        {
            return new DepthwiseBlocking(shape, output).Count;
        }

        if (shape.Algorithm == ConvolutionAlgorithm.Winograd)
        {
            return new WinogradBlocking(shape, output, channels).ScratchCount;
        }

        // All strips but the last one are equal.
        int width = StripColumns(shape, output);
        Region first = Strip(output, output.Columns.Start, width);
        Region last = Strip(output, output.Columns.Start + ((output.Columns.Length - 1) / width * width), width);
        return Math.Max(StripCount(shape, first, channels), StripCount(shape, last, channels));
    }

    /// <summary>Columns of a strip: a region is computed strip by strip, so that the slots hold a part of a wide map's rows.</summary>
    public static int StripColumns(in ConvolutionShape shape, Region output) =>
        ReadsInPlace(shape) ? output.Columns.Length : Math.Min(output.Columns.Length, Limits.Of(shape.Workspace).StripColumns);

    /// <summary>The strip of <paramref name="output"/> that begins at <paramref name="column"/>.</summary>
    public static Region Strip(Region output, int column, int columns) => output with { Columns = output.Columns.Intersect(new(column, column + columns)) };

    // As many as two threads need too, within the limit.
    private static long StripCount(in ConvolutionShape shape, Region strip, Interval channels)
    {
        var blocking = new ConvolutionBlocking(shape, strip, channels);
        return blocking.Parts == 1 && blocking.TryDivide(shape, strip, channels, 2, Limits.Of(shape.Workspace).Floats, out ConvolutionBlocking divided)
            ? Math.Max(blocking.Count, divided.Count)
            : blocking.Count;
    }

    private static bool ReadsInPlace(in ConvolutionShape shape) =>
        shape.Rows is { Size: 1, Stride: 1, PadBefore: 0, PadAfter: 0 } && shape.Columns is { Size: 1, Stride: 1, PadBefore: 0, PadAfter: 0 };

    private static int ChooseParts(in ConvolutionShape shape, Region output)
    {
        int groups = output.Channels.IsEmpty ? 0 : ((output.Channels.End - 1) / shape.FiltersPerGroup) - (output.Channels.Start / shape.FiltersPerGroup) + 1;
        bool isSmall = (long)shape.FiltersPerGroup * shape.ChannelsPerGroup * shape.FilterArea <= SmallGroup;
        return shape.Workspace == Workspace.Fastest && isSmall && groups >= LeastParts ? Math.Min(groups, MostParts) : 1;
    }

    private static int RoundUp(int n) => (n + ColumnStep - 1) / ColumnStep * ColumnStep;

    // Blocks of equal size, so that the last one is not a small rest; whole channels where the window is not larger than a block.
    private static int ChooseKc(int channels, int area, int maximum)
    {
        if (area > maximum)
        {
            int parts = (area + maximum - 1) / maximum;
            return (area + parts - 1) / parts;
        }

        int most = maximum / area;
        int blocks = (channels + most - 1) / most;
        return (channels + blocks - 1) / blocks * area;
    }

    private static int ChooseNc(int n, int kc, int maximum)
    {
        int most = Math.Max(ColumnStep, maximum / kc / ColumnStep * ColumnStep);
        int blocks = (n + most - 1) / most;
        return RoundUp((n + blocks - 1) / blocks);
    }

    /// <summary>Floats of a block of B and of its slots, at most; the fastest B has 384 KB, so that it stays in an L2 of 512 KB or more.</summary>
    private readonly record struct Limits(int Kc, int Packed, int Slots, int StripColumns)
    {
        public int Floats => Packed + Slots;

        public Limits DividedBy(int parts) => this with { Packed = Packed / parts, Slots = Slots / parts };

        public static Limits Of(Workspace workspace) => workspace switch
        {
            Workspace.Small => new(MaximumKc, 40 * 1024, 23 * 1024, 2 * ColumnStep),
            Workspace.Least => new(160, 8 * 1024, 7 * 1024, ColumnStep),
            _ => new(MaximumKc, 96 * 1024, 96 * 1024, int.MaxValue),
        };
    }
}
