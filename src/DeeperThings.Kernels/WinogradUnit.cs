using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// U and M += U · V for a unit of panels; a piece of the work is some of the panels, with all frequencies: the thread that transforms filters multiplies them, so that they stay in its core's cache.
/// </summary>
internal struct WinogradUnit<TVector, TSimd, TPanel, TPanelSimd> : IWork
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
    where TPanel : unmanaged
    where TPanelSimd : struct, ISimd<TPanel>
{
    /// <summary>Panels of a piece: each block of V is read once for all of them.</summary>
    public const int PiecePanels = 2;

    public WinogradFilters<TPanel, TPanelSimd> Filters;
    public WinogradProduct<TVector, TSimd> Product;

    public readonly int Pieces => (Product.Panels + PiecePanels - 1) / PiecePanels;

    public readonly void Invoke(int index)
    {
        var piece = new Interval(index * PiecePanels, (index + 1) * PiecePanels);
        Interval panels = piece.Intersect(new(0, Product.Panels));
        Interval nextPanels = piece.Intersect(new(0, Product.NextPanels));
        for (int part = panels.Start * Filters.PanelPieces; part < panels.End * Filters.PanelPieces; part++)
        {
            Filters.Invoke(part);
        }

        for (int frequency = 0; frequency < WinogradBlocking.Frequencies; frequency++)
        {
            Product.Multiply(frequency, panels, nextPanels);
        }
    }
}
