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

    /// <summary>How much scratch a convolution may take; no bit depends on it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Workspace Workspace { get; init; }

    /// <summary>How the weights are stored in memory on all ranks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ElementType Weights { get; init; }

    /// <summary>How the output is sent; it is rounded so where it is computed, so that what moves and what stays has the same bits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ElementType Wire { get; init; }

    /// <summary>
    /// The output is never stored whole: the next layer, its only reader, takes it in strips of rows as it is computed, and every rank owns all that the next
    /// layer needs. Such layers and the one behind them are a streamed stack.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Streams { get; init; }

    /// <summary>
    /// Rows of a strip, counted from the first row of the output: of the last layer of a streamed stack, which the layers in front of it follow, or of partial
    /// sums, which are reduced strip by strip; 0 where the output is computed at once.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int StripRows { get; init; }
}
