namespace DeeperThings.Kernels;

/// <summary>
/// U and M += U · V for blocks of filters and channels. A piece of the work is a lane: some panels, group after group, with all frequencies, and with a place for U of its own.
/// So the thread that transforms filters multiplies them, U stays in its core's cache, and threads meet once a block. Lanes are consecutive panels: the thread that computes them
/// makes outputs of them, and transforms these as channels of the next layer.
/// </summary>
internal unsafe struct WinogradLanes<TVector, TSimd, TPanel, TPanelSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
    where TPanel : unmanaged
    where TPanelSimd : struct, ISimd<TPanel>
{
    /// <summary>From the block's first panel on.</summary>
    public WinogradFilters<TPanel, TPanelSimd> Filters;

    /// <summary>From the block's first panel on.</summary>
    public WinogradProduct<TVector, TSimd> Product;

    /// <summary>Panels of the block.</summary>
    public int Panels;

    public int Lanes;

    /// <summary>The packed weights of the block's first panel, from this block of channels on, and how many floats of each panel it needs.</summary>
    public float* Weights;
    public int WeightsCount;

    /// <summary>The same of the next block of channels; null behind the last.</summary>
    public float* NextWeights;
    public int NextCount;

    public readonly void Invoke(int index)
    {
        int group = Product.Blocking.GroupPanels;
        int groups = (Panels + group - 1) / group;
        int start = groups * index / Lanes * group;
        int end = Math.Min(groups * (index + 1) / Lanes * group, Panels);
        WinogradFilters<TPanel, TPanelSimd> filters = Filters;
        WinogradProduct<TVector, TSimd> product = Product;
        product.Filters += (nint)index * group * WinogradBlocking.PanelRows * Product.Channels;
        filters.Target = product.Filters;
        for (int panel = start; panel < end; panel += group)
        {
            filters.Panels = product.Panels = Math.Min(group, end - panel);
            filters.Packed = Filters.Packed + (panel * Product.PackedStride);
            product.Products = Product.Products + (panel * (nint)Product.Blocking.PanelCount);
            bool isLast = panel + group >= end;
            int next = isLast ? start : panel + group;
            product.Next = (isLast ? NextWeights : Weights) + (next * Product.PackedStride);
            product.NextPanels = isLast && NextWeights == null ? 0 : Math.Min(group, end - next);
            product.NextCount = isLast ? NextCount : WeightsCount;
            for (int part = 0; part < filters.Pieces; part++)
            {
                filters.Invoke(part);
            }

            for (int frequency = 0; frequency < WinogradBlocking.Frequencies; frequency++)
            {
                product.Invoke(frequency);
            }
        }
    }
}
