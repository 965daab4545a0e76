namespace DeeperThings.Partitioning;

/// <summary>One rule for all layers, each falling back to what is possible for it.</summary>
public enum UniformStrategy
{
    /// <summary>Every rank computes everything; nothing moves but the input.</summary>
    Whole,

    /// <summary>Tiles with halo exchange at each layer; layers that are not local use shards.</summary>
    Tiled,

    /// <summary>Output channels, with an allgather in front of each layer that reads all channels.</summary>
    LayerOutput,

    /// <summary>Input channels, with a reduce-scatter to shards behind each weighted layer.</summary>
    LayerInput,

    /// <summary>LayerOutput and LayerInput in turn with the same shards (the paper's fused weight partitioning): nothing moves between the two.</summary>
    FusedWeights,
}
