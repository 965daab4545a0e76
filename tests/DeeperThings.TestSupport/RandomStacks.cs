using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;

namespace DeeperThings.TestSupport;

/// <summary>Changes some runs of a plan's layers into streamed stacks with strips of random height.</summary>
public static class RandomStacks
{
    private const int MostLayers = 6;

    public static ImmutableArray<LayerPlan> Stream(Network network, ImmutableArray<LayerPlan> plan, int ranks, Random random)
    {
        LayerPlan[] plans = [.. plan];
        for (int index = plans.Length - 1; index >= 0; index--)
        {
            Layer layer = network.Layers[index];
            if (!MayHaveStrips(layer) || random.Next(3) == 0)
            {
                continue;
            }

            plans[index] = plans[index] with { StripRows = random.Next(1, layer.Output.Rows + 2) };
            int most = random.Next(MostLayers);
            for (int length = 0; length < most && Streamed(network, plans, index, ranks, random) is { } streamed; length++)
            {
                index = streamed.Index;
                plans[index] = streamed;
            }
        }

        return [.. plans];
    }

    private static bool MayHaveStrips(Layer layer) => !layer.IsIdentity && layer.IsSpatiallyLocal && layer.SplitsOutputChannels && layer is not LocallyConnected;

    /// <summary>The producer of the input of layer <paramref name="reader"/>, run so that every rank owns what the reader needs; null where it cannot be.</summary>
    private static LayerPlan? Streamed(Network network, LayerPlan[] plans, int reader, int ranks, Random random)
    {
        Layer next = network.Layers[reader];
        int producer = network.Resolve(next.Inputs[0]);
        int readers = network.Layers.Count(layer => !layer.IsIdentity && layer.Inputs.Any(input => network.Resolve(input) == producer));
        if (next.Inputs.Length != 1 || producer == Network.Input || readers != 1 || network.Outputs.Contains(producer) || !MayHaveStrips(network.Layers[producer]))
        {
            return null;
        }

        Layer layer = network.Layers[producer];
        var need = new LayerGeometry(next, plans[reader], ranks).Need(0);
        LayerPlan streamed = plans[producer] with { Streams = true, StripRows = 0, Inputs = null };
        var ways = new List<LayerPlan> { streamed with { Strategy = Strategy.Whole, Output = new Everywhere() } };
        if (plans[reader] is { Strategy: Strategy.Whole, Output: OnRoot })
        {
            ways.Add(streamed with { Strategy = Strategy.Whole, Output = new OnRoot() });
        }

        Strategy shards = layer is WeightedLayer { GroupCount: 1 } ? Strategy.LayerOutput : Strategy.Channelwise;
        if (plans[reader] is { Strategy: Strategy.Channelwise, Output: Shards own } && next is not WeightedLayer && next is not Concatenate)
        {
            ways.Add(streamed with { Strategy = shards, Output = own });
        }

        if (plans[reader] is { Strategy: Strategy.LayerInput, Inputs: { } inputs })
        {
            ways.Add(streamed with { Strategy = shards, Output = new Shards(inputs) });
        }

        if (GridOf(plans[reader].Output) is { } grid)
        {
            ways.Add(streamed with { Strategy = Strategy.Tiled, Output = TilesAround(need, layer, grid) });
        }

        return ways[random.Next(ways.Count)];
    }

    private static Grid? GridOf(Partition? output) => output switch
    {
        Tiles tiles => new(tiles.Rows.Count, tiles.Columns.Count),
        OverlappingTiles tiles => new(tiles.Rows.Count, tiles.Columns.Count),
        _ => null,
    };

    /// <summary>Tiles that together cover the layer's output, each with what its rank needs.</summary>
    private static OverlappingTiles TilesAround(IReadOnlyList<Region> need, Layer layer, Grid grid)
    {
        Split rows = Split.Even(layer.Output.Rows, grid.Rows);
        Split columns = Split.Even(layer.Output.Columns, grid.Columns);
        var ranks = Enumerable.Range(0, need.Count).ToArray();
        return new(
            new([.. Enumerable.Range(0, grid.Rows).Select(row => ranks.Where(rank => rank / grid.Columns == row).Aggregate(rows[row], (hull, rank) => hull.Hull(need[rank].Rows)))]),
            new([.. Enumerable.Range(0, grid.Columns).Select(column => ranks.Where(rank => rank % grid.Columns == column).Aggregate(columns[column], (hull, rank) => hull.Hull(need[rank].Columns)))]));
    }
}
