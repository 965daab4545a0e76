using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>One redistribution of one feature map, for all ranks.</summary>
internal sealed record Delivery(int Producer, int Tag, IReadOnlyList<Region> Need, List<Transfer> Transfers);

/// <summary>How one consumer comes to one of its inputs. <paramref name="Delivery"/> is null where every rank already owns what it needs.</summary>
/// <param name="IsNew">Whether the delivery happens for this consumer; otherwise an earlier one serves it too.</param>
internal sealed record Edge(int Producer, IReadOnlyList<Region> Need, Delivery? Delivery, bool IsNew);

/// <summary>What happens on all ranks together, in order: the part of lowering in which every rank must come to the same answer.</summary>
internal sealed class Schedule
{
    private readonly Dictionary<int, List<Delivery>> _deliveries = [];
    private readonly LayerGeometry?[] _geometries;
    private readonly Region[] _inputOwn;
    private int _tags;

    public Schedule(Network network, ImmutableArray<LayerPlan> layers, int ranks)
    {
        Network = network;
        Ranks = ranks;
        _geometries = [.. network.Layers.Select(layer => layer.IsIdentity ? null : new LayerGeometry(layer, layers[layer.Index], ranks))];
        _inputOwn = new OnRoot().Owners(network.InputShape, ranks);
        Edges = [.. network.Layers.Select(layer => layer.IsIdentity ? [] : EdgesOf(layer))];
        ReduceTags = [.. _geometries.Select(geometry => geometry?.Strategy == Strategy.LayerInput ? _tags++ : -1)];
        Outputs = [.. network.Outputs.Distinct().Select(output => NewEdge(output, new OnRoot().Owners(network.ShapeOf(output), ranks)))];
    }

    public Network Network { get; }

    public int Ranks { get; }

    /// <summary>Per layer, per input.</summary>
    public ImmutableArray<ImmutableArray<Edge>> Edges { get; }

    /// <summary>Message tag of each layer's reduce-scatter; -1 where it has none.</summary>
    public ImmutableArray<int> ReduceTags { get; }

    /// <summary>The network's outputs on their way to the root.</summary>
    public ImmutableArray<Edge> Outputs { get; }

    public LayerGeometry Geometry(int layer) => _geometries[layer]!;

    public IReadOnlyList<Region> Own(int producer) => producer == Network.Input ? _inputOwn : Geometry(producer).Own;

    public IEnumerable<Delivery> Deliveries(int producer) => _deliveries.TryGetValue(producer, out List<Delivery>? made) ? made : [];

    private ImmutableArray<Edge> EdgesOf(Layer layer) =>
        [.. layer.Inputs.Select((producer, input) => NewEdge(Network.Resolve(producer), Geometry(layer.Index).Need(input)))];

    private Edge NewEdge(int producer, IReadOnlyList<Region> need)
    {
        IReadOnlyList<Region> own = Own(producer);
        if (Covers(own, need))
        {
            return new(producer, need, null, false);
        }

        if (!_deliveries.TryGetValue(producer, out List<Delivery>? made))
        {
            _deliveries.Add(producer, made = []);
        }

        // An earlier delivery serves this need where every rank finds its need either in it or in what it owns.
        foreach (Delivery earlier in made)
        {
            if (Enumerable.Range(0, Ranks).All(rank => own[rank].Contains(need[rank]) || earlier.Need[rank].Contains(need[rank])))
            {
                return new(producer, need, earlier, false);
            }
        }

        var delivery = new Delivery(producer, _tags++, need, Redistribution.Between(own, need));
        made.Add(delivery);
        return new(producer, need, delivery, true);
    }

    private bool Covers(IReadOnlyList<Region> own, IReadOnlyList<Region> need) =>
        Enumerable.Range(0, Ranks).All(rank => own[rank].Contains(need[rank]));
}
