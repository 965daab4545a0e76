namespace DeeperThings.Kernels;

/// <summary>
/// U and M += U · V for a block of filters and channels, on one thread: some panels of filters after the other, each with all frequencies, so that U stays in the nearest caches.
/// </summary>
internal unsafe struct WinogradPanels<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    /// <summary>From the block's first panel on.</summary>
    public WinogradFilters<TVector, TSimd> Filters;

    /// <summary>From the block's first panel on.</summary>
    public WinogradProduct<TVector, TSimd> Product;

    /// <summary>Panels of the block.</summary>
    public int Panels;

    /// <summary>The packed weights of the block's first panel, from this block of channels on, and how many floats of each panel it needs.</summary>
    public float* Weights;
    public int WeightsCount;

    /// <summary>The same of what is multiplied after this block, and its panels; none behind the last.</summary>
    public float* NextWeights;
    public int NextCount;
    public int NextPanels;

    public readonly void Run()
    {
        int group = Product.Blocking.UnitPanels;
        WinogradFilters<TVector, TSimd> filters = Filters;
        WinogradProduct<TVector, TSimd> product = Product;
        for (int panel = 0; panel < Panels; panel += group)
        {
            filters.Panels = product.Panels = Math.Min(group, Panels - panel);
            filters.Packed = Filters.Packed + (panel * Product.PackedStride);
            int next = panel + group;
            bool isLast = next >= Panels;
            product.Next = isLast ? NextWeights : Weights + (next * Product.PackedStride);
            product.NextPanels = Math.Min(group, isLast ? NextPanels : Panels - next);
            product.NextCount = isLast ? NextCount : WeightsCount;
            for (int part = 0; part < filters.Pieces; part++)
            {
                filters.Invoke(part);
            }

            for (int frequency = 0; frequency < WinogradBlocking.Frequencies; frequency++)
            {
                product.Invoke(frequency);
            }

            product.Products += product.Panels * Product.Blocking.PanelCount;
        }
    }
}
