using System.Collections.Immutable;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;
using Convolution = DeeperThings.Models.Convolution;

namespace DeeperThings.TestSupport;

/// <summary>A random possible strategy for every layer, with random, uneven, sometimes empty splits, and random streamed stacks.</summary>
public static class RandomPlan
{
    /// <param name="reassociate">Whether <see cref="Strategy.LayerInput"/>, which adds in another order, may be used.</param>
    public static ImmutableArray<LayerPlan> Create(Network network, int ranks, Random random, bool reassociate) =>
        RandomStacks.Stream(network, [.. network.Layers.Select(layer => PlanFor(layer, ranks, random, reassociate))], ranks, random);

    private static LayerPlan PlanFor(Layer layer, int ranks, Random random, bool reassociate)
    {
        var plan = new LayerPlan { Index = layer.Index, Name = layer.Name, Strategy = Strategy.Identity };
        if (layer.IsIdentity)
        {
            return plan;
        }

        var choices = new List<LayerPlan>
        {
            plan with { Strategy = Strategy.Whole, Output = new Everywhere() },
            plan with { Strategy = Strategy.Whole, Output = new OnRoot() },
        };
        if (layer.IsSpatiallyLocal)
        {
            choices.AddRange(Grid.Factorisations(ranks).Select(grid => plan with { Strategy = Strategy.Tiled, Output = RandomTiles(layer.Output, grid, random) }));
        }

        if (layer.SplitsOutputChannels)
        {
            Strategy strategy = layer is WeightedLayer ? Strategy.LayerOutput : Strategy.Channelwise;
            choices.Add(plan with { Strategy = strategy, Output = new Shards(RandomSplit(layer.Output.Channels, ranks, random)) });
            choices.Add(plan with { Strategy = strategy, Output = new Shards(Split.Even(layer.Output.Channels, ranks)) });
        }

        if (layer.SumsOverInputChannels && reassociate)
        {
            Partition[] outputs =
            [
                new OnRoot(),
                new Shards(RandomSplit(layer.Output.Channels, ranks, random)),
                RandomTiles(layer.Output, Grid.Squarest(ranks), random),
            ];
            choices.AddRange(outputs.Select(output =>
                plan with { Strategy = Strategy.LayerInput, Inputs = RandomSplit(layer.InputShapes[0].Channels, ranks, random), Output = output }));
        }

        LayerPlan choice = choices[random.Next(choices.Count)] with { Workspace = layer is Convolution ? (Workspace)random.Next(3) : Workspace.Fastest };
        return layer is Convolution convolution && convolution.KernelShape(ConvolutionAlgorithm.Direct).CanWinograd && random.Next(2) == 0
            ? choice with { Algorithm = ConvolutionAlgorithm.Winograd }
            : choice;
    }

    private static Tiles RandomTiles(Shape shape, Grid grid, Random random) =>
        new(RandomSplit(shape.Rows, grid.Rows, random), RandomSplit(shape.Columns, grid.Columns, random));

    private static Split RandomSplit(int length, int parts, Random random)
    {
        int[] inner = [.. Enumerable.Range(0, parts - 1).Select(_ => random.Next(length + 1)).Order()];
        return new([0, .. inner, length]);
    }
}
