using System.Collections.Immutable;
using DeeperThings.Models;

namespace DeeperThings.Partitioning;

/// <summary>Layers as the paper's data source runs them: between two weighted layers it has the whole map, and computes what has no weights itself.</summary>
public static class StarPlan
{
    /// <returns><paramref name="layers"/> with partial sums added on the root, and layers without weights computed there unless they are tiled.</returns>
    public static ImmutableArray<LayerPlan> Of(Network network, ImmutableArray<LayerPlan> layers) => [.. layers.Select(plan => plan.Strategy switch
    {
        Strategy.LayerInput => plan with { Output = new OnRoot() },
        Strategy.Whole => plan with { Output = new OnRoot() },
        Strategy.Channelwise when network.Layers[plan.Index] is not WeightedLayer => plan with { Strategy = Strategy.Whole, Output = new OnRoot() },
        _ => plan,
    })];
}
