using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// Layout of packed weights: the filters of each group in panels of <see cref="PanelRows"/>, the last one zero padded; a panel is [k][PanelRows].
/// The same for every instruction set, so that weights are packed once, at load.
/// </summary>
internal readonly unsafe struct PackedFilters
{
    /// <summary>Filters of a panel, at most.</summary>
    public const int MostPanelRows = 8;

    private readonly Interval _filters;
    private readonly int _filtersPerGroup;

    public PackedFilters(in ConvolutionShape shape, Interval filters, Interval channels)
    {
        _filters = filters;
        _filtersPerGroup = shape.FiltersPerGroup;
        PanelRows = IsDepthwise(shape) ? 1 : shape.FiltersPerGroup <= 4 ? 4 : MostPanelRows;
        K = checked(channels.Length * shape.FilterArea);
    }

    /// <summary>Length of a filter: channels × window.</summary>
    public int K { get; }

    /// <summary>Filters in a panel: as many as the micro-kernel has rows, fewer where groups have fewer.</summary>
    public int PanelRows { get; }

    public int FirstGroup => _filters.Start / _filtersPerGroup;

    /// <summary>One more than the last group that the filters touch.</summary>
    public int EndGroup => _filters.IsEmpty ? FirstGroup : ((_filters.End - 1) / _filtersPerGroup) + 1;

    public long Count => PanelsBefore(EndGroup) * PanelRows * K;

    /// <summary>With few channels and one filter a group there is nothing to reuse: such layers run without GEMM.</summary>
    public static bool IsDepthwise(in ConvolutionShape shape) => shape is { Groups: > 1, FiltersPerGroup: 1, ChannelsPerGroup: <= 4 };

    /// <summary>The interval's filters that lie in <paramref name="group"/>.</summary>
    public Interval GroupFilters(int group) => _filters.Intersect(new(group * _filtersPerGroup, (group + 1) * _filtersPerGroup));

    public long GroupOffset(int group) => PanelsBefore(group) * PanelRows * K;

    /// <summary>Where weight k = 0 of a filter lies; the others follow at a distance of <see cref="PanelRows"/>.</summary>
    public long Offset(int filter)
    {
        int group = filter / _filtersPerGroup;
        int index = filter - GroupFilters(group).Start;
        return GroupOffset(group) + ((long)(index / PanelRows) * PanelRows * K) + (index % PanelRows);
    }

    /// <summary>Zeroes the unused rows of a panel, when <paramref name="filter"/> is the last one of it.</summary>
    public void ClearPadding(int filter, float* packed, ElementType type)
    {
        Interval filters = GroupFilters(filter / _filtersPerGroup);
        int row = (filter - filters.Start) % PanelRows;
        if (filter != filters.End - 1 || row == PanelRows - 1)
        {
            return;
        }

        long first = Offset(filter);
        for (long k = 0; k < K; k++)
        {
            Float16.SetRow(packed, first + (k * PanelRows) + 1, [], PanelRows - 1 - row, type);
        }
    }

    private long PanelsBefore(int group)
    {
        if (group <= FirstGroup)
        {
            return 0;
        }

        // Only the first and the last group can be touched in part; the last one counts when it is before the end.
        long panels = 0;
        long first = Panels(GroupFilters(FirstGroup).Length);
        long last = Panels(GroupFilters(group - 1).Length);
        int between = group - FirstGroup - 2;
        panels += first;
        if (group - 1 > FirstGroup)
        {
            panels += last + (between * (long)Panels(_filtersPerGroup));
        }

        return panels;
    }

    private int Panels(int filters) => (filters + PanelRows - 1) / PanelRows;
}
