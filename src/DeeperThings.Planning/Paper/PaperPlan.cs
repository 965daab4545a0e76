using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Partitioning;

namespace DeeperThings.Planning.Paper;

/// <summary>The paper's optimum as a plan that can be executed.</summary>
public static class PaperPlan
{
    /// <summary>
    /// Tiles before the first layer of the communication program; then LayerOutput, and LayerInput, as the program says. A fused pair is the two with the same
    /// shards. Peers exchange halos and keep sums as shards, and layers that are no convolutions follow as in <see cref="UniformPlan"/>. As a star the tiles are
    /// one fused stack, to which the root sends its input and from which it collects its output; behind it everything else is on the root.
    /// </summary>
    public static ImmutableArray<LayerPlan> Create(Network network, PaperResult result, ScheduleKind schedule = ScheduleKind.Peers)
    {
        ImmutableArray<LayerPlan> tiled = UniformPlan.Create(network, result.Ranks, UniformStrategy.Tiled);
        ImmutableArray<LayerPlan> outputs = UniformPlan.Create(network, result.Ranks, UniformStrategy.LayerOutput);
        ImmutableArray<LayerPlan> inputs = UniformPlan.Create(network, result.Ranks, UniformStrategy.LayerInput);
        ImmutableArray<LayerPlan> layers = [.. result.Communication.Layers.Select((strategy, layer) => strategy switch
        {
            PaperStrategy.Tiled => tiled[layer],
            PaperStrategy.LayerInput or PaperStrategy.FusedSecond => inputs[layer],
            _ => outputs[layer],
        })];
        return schedule == ScheduleKind.Star ? StarPlan.Of(network, FusedStack.Of(network, layers, result.Ranks)) : layers;
    }
}
