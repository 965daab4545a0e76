namespace DeeperThings.Planning.Paper;

/// <summary>How the paper runs one layer; its acronyms in parentheses.</summary>
public enum PaperStrategy
{
    /// <summary>No convolution: breaks chains, moves nothing and counts nothing.</summary>
    None,

    /// <summary>Tiles with all weights (FTP); the convolutions before the first weight-partitioned layer.</summary>
    Tiled,

    /// <summary>Own output channels from the whole input (LOP).</summary>
    LayerOutput,

    /// <summary>Partial sums of all output channels from own input channels (LIP).</summary>
    LayerInput,

    /// <summary>First of a fused pair: own output channels, which stay where they are.</summary>
    FusedFirst,

    /// <summary>Second of a fused pair: sums over the channels that the first left.</summary>
    FusedSecond,
}
