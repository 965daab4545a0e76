using System.Collections.Immutable;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;
using Convolution = DeeperThings.Models.Convolution;

namespace DeeperThings.Planning.Layout;

/// <summary>
/// Lists every way to run each layer. Which strategies are possible follows from the layer's properties; splits are proportional to the ranks' speeds and,
/// where ranks differ in speed or memory, also to the memory that they may use.
/// </summary>
/// <remarks>
/// Left out: grids that leave a rank without a tile, and fused stacks longer than <see cref="MostStackLayers"/>. A stack also ends, going up from its last
/// layer, where a layer's redundant operations take longer than exchanging its halo in front of the next layer would: the plan that splits the stack there is
/// faster, and moves no more above it.
/// </remarks>
internal sealed partial class CandidateFactory
{
    /// <summary>Longest fused stack, in layers that have a margin.</summary>
    private const int MostStackLayers = 8;

    private readonly LayoutRequest _request;
    private readonly RegionSets _sets;
    private readonly Func<RegionSet, RegionSet, EdgeCost> _edgeCost;
    private readonly Network _network;
    private readonly int _ranks;
    private readonly IReadOnlyList<IReadOnlyList<double>> _weights;
    private readonly List<int>[] _consumers;
    private readonly List<LayerPlan>[] _plans;
    private readonly List<Candidate>[] _streamed;
    private readonly bool _winogradPays;

    public CandidateFactory(LayoutRequest request, RegionSets sets, Func<RegionSet, RegionSet, EdgeCost> edgeCost)
    {
        _request = request;
        _sets = sets;
        _edgeCost = edgeCost;
        _network = request.Network;
        _ranks = request.Ranks;
        _weights = SplitWeights();
        _winogradPays = request.Cluster.Hosts.Any(host => host.Kernels is not null || host.WinogradGain > 1);
        _streamed = [.. _network.Layers.Select(_ => new List<Candidate>())];
        _plans = [.. _network.Layers.Select(_ => new List<LayerPlan>())];
        _consumers = [.. _network.Layers.Select(_ => new List<int>())];
        foreach (Layer layer in _network.Layers.Where(layer => !layer.IsIdentity))
        {
            foreach (int producer in layer.Inputs.Select(_network.Resolve).Where(producer => producer != Network.Input).Distinct())
            {
                _consumers[producer].Add(layer.Index);
            }
        }
    }

    /// <summary>Per layer; none for identities.</summary>
    public Candidate[][] Create()
    {
        foreach (Layer layer in _network.Layers.Where(layer => !layer.IsIdentity))
        {
            AddPlain(layer);
        }

        foreach (IReadOnlyList<double> weights in _weights)
        {
            foreach (Grid grid in Grid.Factorisations(_ranks))
            {
                AddStacks(weights, grid);
                AddStreamedStacks(weights, grid);
            }
        }

        return [.. _network.Layers.Select(layer => layer.IsIdentity ? [] : Undominated(layer))];
    }

    private Candidate[] Undominated(Layer layer)
    {
        var kept = new List<Candidate>();
        foreach (LayerPlan plan in _plans[layer.Index].Distinct().Where(plan => _request.Keep?.Invoke(plan) ?? true).SelectMany(plan => WiresOf(layer, plan.Output!).Select(wire => plan with { Wire = wire })))
        {
            var candidate = new Candidate(layer, plan, _ranks, _request.Cluster, _sets);
            if (!kept.Any(other => other.Dominates(candidate)))
            {
                kept.RemoveAll(candidate.Dominates);
                kept.Add(candidate);
            }
        }

        kept.AddRange(_streamed[layer.Index]);
        return kept.Count > 0 ? [.. kept] : throw new PlanException($"layer {layer.Name}: no strategy is left to choose from");
    }

    /// <summary>The ways to send an output: float16 where that is allowed, and something of it may move.</summary>
    private ElementType[] WiresOf(Layer layer, Partition output) =>
        _request.Wire == ElementType.Float32 || _ranks == 1 || _network.Outputs.Contains(layer.Index) || output is Everywhere || (output is OverlappingTiles && _consumers[layer.Index].Count == 1)
            ? [ElementType.Float32]
            : [ElementType.Float32, _request.Wire];

    private IReadOnlyList<IReadOnlyList<double>> SplitWeights()
    {
        double[] speeds = [.. _request.Cluster.SpeedsFor(_network)];
        double[] memories = [.. _request.Cluster.Hosts.Select(host => (double)Math.Min(host.MemoryBytes, _request.FootprintLimitBytes ?? long.MaxValue))];
        return AreEqual(speeds) && AreEqual(memories) ? [speeds] : [speeds, memories];

        static bool AreEqual(double[] weights) => weights.Distinct().Count() == 1;
    }

    private void AddPlain(Layer layer)
    {
        Add(layer, Strategy.Whole, new OnRoot());
        if (!layer.SplitsOutputChannels || _ranks == 1)
        {
            return;
        }

        Add(layer, Strategy.Whole, new Everywhere());
        foreach (IReadOnlyList<double> weights in _weights)
        {
            var shards = new Shards(Split.Proportional(layer.Output.Channels, weights));
            Tiles[] tiles = layer.IsSpatiallyLocal ? [.. Grid.Factorisations(_ranks).Where(grid => Fits(layer, grid)).Select(grid => TilesOf(layer, grid, weights))] : [];
            Add(layer, layer is WeightedLayer { GroupCount: 1 } ? Strategy.LayerOutput : Strategy.Channelwise, shards);
            foreach (Tiles tile in tiles)
            {
                Add(layer, Strategy.Tiled, tile);
            }

            if (layer.SumsOverInputChannels)
            {
                Split inputs = Split.Proportional(layer.InputShapes[0].Channels, weights);
                foreach (Partition output in (Partition[])[shards, new OnRoot(), .. tiles])
                {
                    Add(layer, Strategy.LayerInput, output, inputs);
                    if (output is not Tiles && layer.IsSpatiallyLocal && layer.Output.Rows > PartialStripRows)
                    {
                        Add(layer, Strategy.LayerInput, output, inputs, PartialStripRows);
                    }
                }
            }
        }
    }

    /// <summary>Fused stacks that end at each layer.</summary>
    private void AddStacks(IReadOnlyList<double> weights, Grid grid)
    {
        if (_ranks == 1)
        {
            return;
        }

        foreach (Layer end in _network.Layers.Where(layer => CanTile(layer, grid)))
        {
            var own = new Dictionary<int, RegionSet> { [end.Index] = OwnersOf(TilesOf(end, grid, weights), end) };
            for (int index = end.Index - 1; index >= 0 && own.Count <= MostStackLayers; index--)
            {
                Layer layer = _network.Layers[index];
                if (CanTile(layer, grid))
                {
                    AddMargin(layer, TilesOf(layer, grid, weights), grid, own);
                }
            }
        }
    }

    /// <summary>own(ℓ) = hull(own tile, receptive fields of what the next layers of the stack own).</summary>
    private void AddMargin(Layer layer, Tiles tiles, Grid grid, Dictionary<int, RegionSet> stack)
    {
        RegionSet plain = OwnersOf(tiles, layer);
        Region[] hull = [.. plain.Regions];
        var needs = new List<RegionSet>();
        foreach (int consumer in _consumers[layer.Index].Where(stack.ContainsKey))
        {
            Layer next = _network.Layers[consumer];
            for (int input = 0; input < next.Inputs.Length; input++)
            {
                if (_network.Resolve(next.Inputs[input]) == layer.Index)
                {
                    Region[] need = [.. stack[consumer].Regions.Select(region => next.ReceptiveField(input, region))];
                    needs.Add(_sets.Of(need));
                    hull = [.. hull.Zip(need, (own, part) => own.Hull(part) with { Channels = own.Channels })];
                }
            }
        }

        if (hull.AsSpan().SequenceEqual(plain.Regions))
        {
            return;
        }

        OverlappingTiles margin = MarginOf(hull, grid);
        RegionSet own = OwnersOf(margin, layer);
        long exchange = needs.Distinct().Sum(need => _edgeCost(plain, need).Nanoseconds);
        if (ComputeNanoseconds(layer, own) - ComputeNanoseconds(layer, plain) <= exchange)
        {
            Add(layer, Strategy.Tiled, margin);
            stack.Add(layer.Index, own);
        }
    }

    private long ComputeNanoseconds(Layer layer, RegionSet own)
    {
        int channels = layer.InputShapes[0].Channels / layer.GroupCount;
        return WholeNanoseconds.Of(Enumerable.Range(0, _ranks).Max(rank => _request.Cluster.ComputeSeconds(new(layer, own[rank], Interval.All(channels), ConvolutionAlgorithm.Direct), rank)));
    }

    private static OverlappingTiles MarginOf(Region[] hull, Grid grid) => new(
        new([.. Enumerable.Range(0, grid.Rows).Select(row => HullOf(Enumerable.Range(0, grid.Columns).Select(column => hull[(row * grid.Columns) + column].Rows)))]),
        new([.. Enumerable.Range(0, grid.Columns).Select(column => HullOf(Enumerable.Range(0, grid.Rows).Select(row => hull[(row * grid.Columns) + column].Columns)))]));

    private static Interval HullOf(IEnumerable<Interval> intervals) => intervals.Aggregate((a, b) => a.Hull(b));

    private static bool CanTile(Layer layer, Grid grid) => !layer.IsIdentity && layer.IsSpatiallyLocal && layer.SplitsOutputChannels && Fits(layer, grid);

    private static bool Fits(Layer layer, Grid grid) => layer.Output.Rows >= grid.Rows && layer.Output.Columns >= grid.Columns;

    /// <summary>Rows by the speed of each row of ranks, columns by the speed of each column of ranks.</summary>
    private static Tiles TilesOf(Layer layer, Grid grid, IReadOnlyList<double> weights)
    {
        double[] rows = [.. Enumerable.Range(0, grid.Rows).Select(row => Enumerable.Range(0, grid.Columns).Sum(column => weights[(row * grid.Columns) + column]))];
        double[] columns = [.. Enumerable.Range(0, grid.Columns).Select(column => Enumerable.Range(0, grid.Rows).Sum(row => weights[(row * grid.Columns) + column]))];
        return new(Split.Proportional(layer.Output.Rows, rows), Split.Proportional(layer.Output.Columns, columns));
    }

    private RegionSet OwnersOf(Partition partition, Layer layer) => _sets.Of(partition.Owners(layer.Output, _ranks));

    private void Add(Layer layer, Strategy strategy, Partition output, Split? inputs = null, int stripRows = 0)
    {
        var plan = new LayerPlan { Index = layer.Index, Name = layer.Name, Strategy = strategy, Output = output, Inputs = inputs, StripRows = stripRows, Weights = layer is WeightedLayer ? _request.Weights : default };
        AddWithWorkspaces(layer, plan);
        if (_winogradPays && layer is Convolution convolution && convolution.KernelShape(ConvolutionAlgorithm.Direct).CanWinograd)
        {
            AddWithWorkspaces(layer, plan with { Algorithm = ConvolutionAlgorithm.Winograd });
        }
    }

    /// <summary>Where a smaller workspace saves nothing, the candidate is dominated.</summary>
    private void AddWithWorkspaces(Layer layer, LayerPlan plan)
    {
        _plans[layer.Index].Add(plan);
        if (layer is Convolution)
        {
            _plans[layer.Index].Add(plan with { Workspace = Workspace.Small });
        }
    }
}
