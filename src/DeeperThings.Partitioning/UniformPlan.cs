using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>Plans by one rule for all layers.</summary>
public sealed class UniformPlan
{
    private readonly Network _network;
    private readonly int _ranks;
    private readonly UniformStrategy _strategy;
    private readonly Grid _grid;

    private UniformPlan(Network network, int ranks, UniformStrategy strategy, Grid grid)
    {
        _network = network;
        _ranks = ranks;
        _strategy = strategy;
        _grid = grid;
    }

    /// <param name="network">The network.</param>
    /// <param name="ranks">Number of ranks, at least 1.</param>
    /// <param name="strategy">The rule.</param>
    /// <param name="grid">Tiles of <see cref="UniformStrategy.Tiled"/>; the squarest ones by default.</param>
    /// <returns>A plan for every layer of the network, in order.</returns>
    public static ImmutableArray<LayerPlan> Create(Network network, int ranks, UniformStrategy strategy, Grid? grid = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        var maker = new UniformPlan(network, ranks, strategy, grid ?? Grid.Squarest(ranks));
        var plans = ImmutableArray.CreateBuilder<LayerPlan>(network.Layers.Length);
        foreach (Layer layer in network.Layers)
        {
            LayerPlan plan = maker.PlanFor(layer, plans);
            plans.Add(layer is Convolution convolution ? plan with { Algorithm = convolution.FasterAlgorithm() } : plan);
        }

        return plans.MoveToImmutable();
    }

    /// <summary>One rank that computes every layer with the algorithm, the weights and the rounding that <paramref name="layers"/> have, to compare their outputs bitwise.</summary>
    public static ImmutableArray<LayerPlan> WholeLike(Network network, ImmutableArray<LayerPlan> layers) =>
        [.. Create(network, 1, UniformStrategy.Whole).Select(plan => plan with { Algorithm = layers[plan.Index].Algorithm, Weights = layers[plan.Index].Weights, Wire = layers[plan.Index].Wire })];

    /// <summary>The same plans with every map that moves sent as <paramref name="type"/>, but the network's input and outputs.</summary>
    public static ImmutableArray<LayerPlan> WithWire(Network network, ImmutableArray<LayerPlan> layers, int ranks, ElementType type)
    {
        if (type == ElementType.Float32)
        {
            return layers;
        }

        var schedule = new Schedule(network, layers, ranks, ScheduleKind.Peers);
        return [.. layers.Select(plan => schedule.Moves(plan.Index) && !network.Outputs.Contains(plan.Index) ? plan with { Wire = type } : plan)];
    }

    /// <summary>The same plans with maps that do not move exact.</summary>
    public static ImmutableArray<LayerPlan> WithoutIdleWire(Network network, ImmutableArray<LayerPlan> layers, int ranks)
    {
        if (layers.All(plan => plan.Wire == ElementType.Float32))
        {
            return layers;
        }

        var schedule = new Schedule(network, layers, ranks, ScheduleKind.Peers);
        return [.. layers.Select(plan => plan.Wire == ElementType.Float32 || schedule.Moves(plan.Index) ? plan : plan with { Wire = ElementType.Float32 })];
    }

    /// <summary>The same plans with all weights stored as <paramref name="type"/>.</summary>
    public static ImmutableArray<LayerPlan> WithWeights(Network network, ImmutableArray<LayerPlan> layers, ElementType type) =>
        [.. layers.Select(plan => network.Layers[plan.Index] is WeightedLayer ? plan with { Weights = type } : plan)];

    private LayerPlan PlanFor(Layer layer, IReadOnlyList<LayerPlan> before)
    {
        if (layer.IsIdentity)
        {
            return Make(layer, Strategy.Identity, null);
        }

        if (!layer.SplitsOutputChannels)
        {
            return Make(layer, Strategy.Whole, new OnRoot());
        }

        return _strategy switch
        {
            UniformStrategy.Whole => Make(layer, Strategy.Whole, new Everywhere()),
            UniformStrategy.Tiled when Fits(layer) => Make(layer, Strategy.Tiled, TilesOf(layer)),
            UniformStrategy.LayerInput when layer.SumsOverInputChannels => LayerInput(layer),
            UniformStrategy.FusedWeights when layer.SumsOverInputChannels && ReadsOwnFilters(layer, before) => LayerInput(layer),
            _ => Sharded(layer),
        };
    }

    /// <summary>Whether every rank gets a tile that is not empty.</summary>
    private bool Fits(Layer layer) =>
        layer.IsSpatiallyLocal && layer.Output.Rows >= _grid.Rows && layer.Output.Columns >= _grid.Columns;

    private Tiles TilesOf(Layer layer) => new(Split.Even(layer.Output.Rows, _grid.Rows), Split.Even(layer.Output.Columns, _grid.Columns));

    private LayerPlan LayerInput(Layer layer) =>
        Make(layer, Strategy.LayerInput, ShardsOf(layer)) with { Inputs = Split.Even(layer.InputShapes[0].Channels, _ranks) };

    private LayerPlan Sharded(Layer layer) => layer switch
    {
        // Each output region of a reorg reads everything, so sharding it would save nothing but a copy.
        Reorg => Make(layer, Strategy.Whole, new Everywhere()),
        WeightedLayer => Make(layer, Strategy.LayerOutput, ShardsOf(layer)),
        _ => Make(layer, Strategy.Channelwise, ShardsOf(layer)),
    };

    private Shards ShardsOf(Layer layer) => new(Split.Even(layer.Output.Channels, _ranks));

    /// <summary>Whether the layer reads, perhaps through channelwise layers, the shards that a LayerOutput layer left.</summary>
    private bool ReadsOwnFilters(Layer layer, IReadOnlyList<LayerPlan> before)
    {
        int producer = _network.Resolve(layer.Inputs[0]);
        while (producer != Network.Input && before[producer].Strategy == Strategy.Channelwise)
        {
            producer = _network.Resolve(_network.Layers[producer].Inputs[0]);
        }

        return producer != Network.Input && before[producer].Strategy == Strategy.LayerOutput;
    }

    private static LayerPlan Make(Layer layer, Strategy strategy, Partition? output) =>
        new() { Index = layer.Index, Name = layer.Name, Strategy = strategy, Output = output };
}
