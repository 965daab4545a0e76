using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Partitioning;

namespace DeeperThings.Planning.Paper;

/// <summary>The paper's optimum as a plan that peers can execute.</summary>
public static class PaperPlan
{
    /// <summary>
    /// Tiles before the first layer of the communication program; then LayerOutput, and LayerInput to shards, as the program says. A fused pair is the two
    /// with the same shards. Layers that are no convolutions follow as in <see cref="UniformPlan"/>.
    /// </summary>
    public static ImmutableArray<LayerPlan> Create(Network network, PaperResult result)
    {
        ImmutableArray<LayerPlan> tiled = UniformPlan.Create(network, result.Ranks, UniformStrategy.Tiled);
        ImmutableArray<LayerPlan> outputs = UniformPlan.Create(network, result.Ranks, UniformStrategy.LayerOutput);
        ImmutableArray<LayerPlan> inputs = UniformPlan.Create(network, result.Ranks, UniformStrategy.LayerInput);
        return [.. result.Communication.Layers.Select((strategy, layer) => strategy switch
        {
            PaperStrategy.Tiled => tiled[layer],
            PaperStrategy.LayerInput or PaperStrategy.FusedSecond => inputs[layer],
            _ => outputs[layer],
        })];
    }
}
