namespace DeeperThings.Partitioning;

/// <summary>How a layer is split over the ranks (planning: section 2 of the paper; its acronyms in parentheses).</summary>
public enum Strategy
{
    /// <summary>No computation: the layer renames its input's memory.</summary>
    Identity,

    /// <summary>Every rank, or the root alone, computes everything.</summary>
    Whole,

    /// <summary>Each rank computes its own tile from the tile's receptive field, with all weights (FTP, fused tile partitioning).</summary>
    Tiled,

    /// <summary>Each rank computes its own output channels from the whole input, with its own filters (LOP, layer output partitioning).</summary>
    LayerOutput,

    /// <summary>Each rank sums over its own input channels; partial sums are added in rank order at their owners (LIP, layer input partitioning).</summary>
    LayerInput,

    /// <summary>Each rank computes its own channels from the same channels.</summary>
    Channelwise,
}
