namespace DeeperThings.Kernels;

/// <summary>How a convolution is computed. It decides which input a region reads and which bits come out, so it is one and the same for all parts of a layer.</summary>
public enum ConvolutionAlgorithm
{
    /// <summary>One chain of multiply-adds per output element: any window, stride, dilation and groups.</summary>
    Direct,

    /// <summary>
    /// F(4×4, 3×3): tiles of 4 × 4 outputs from patches of 6 × 6 inputs, 36 multiplications in place of 144; for 5 × 5 windows F(2×2, 5×5): tiles of 2 × 2
    /// outputs from such patches, 36 in place of 100. Tiles lie at multiples of their size in the whole output map; a tile is computed whole, from its whole
    /// patch, even where only a part of it is wanted.
    /// </summary>
    Winograd,
}
