using System.Text.Json.Serialization;
using DeeperThings.Kernels;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>How one layer is run.</summary>
public sealed record LayerPlan
{
    public required int Index { get; init; }

    /// <summary>For readers of the plan; not used.</summary>
    public required string Name { get; init; }

    public required Strategy Strategy { get; init; }

    /// <summary>How the output lies afterwards; null for <see cref="Strategy.Identity"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Partition? Output { get; init; }

    /// <summary>The input channels that each rank sums over; only for <see cref="Strategy.LayerInput"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Split? Inputs { get; init; }

    /// <summary>How a convolution is computed on all ranks; the same bits come out for any number of ranks only with the same algorithm.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ConvolutionAlgorithm Algorithm { get; init; }

    /// <summary>How the weights are stored in memory on all ranks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ElementType Weights { get; init; }
}
