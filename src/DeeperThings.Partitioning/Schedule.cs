using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>One redistribution of one feature map, for all ranks.</summary>
/// <param name="Source">The delivery that gave the root the whole map, where it sends that on; null where ranks send what they own.</param>
internal sealed record Delivery(int Producer, int Tag, IReadOnlyList<Region> Need, List<Transfer> Transfers, Delivery? Source);

/// <summary>How one consumer comes to one of its inputs. <paramref name="Delivery"/> is null where every rank already owns what it needs.</summary>
/// <param name="New">The deliveries that happen for this consumer, in order; none where earlier ones serve it too.</param>
internal sealed record Edge(int Producer, IReadOnlyList<Region> Need, Delivery? Delivery, ImmutableArray<Delivery> New);

/// <summary>What happens on all ranks together, in order: the part of lowering in which every rank must come to the same answer.</summary>
internal sealed class Schedule
{
    private readonly Dictionary<int, List<Delivery>> _deliveries = [];
    private readonly LayerGeometry?[] _geometries;
    private readonly Region[] _inputOwn;
    private readonly ScheduleKind _kind;
    private int _tags;

    /// <exception cref="PlanException">A layer cannot be run as planned.</exception>
    public Schedule(Network network, ImmutableArray<LayerPlan> layers, int ranks, ScheduleKind kind)
    {
        Network = network;
        Ranks = ranks;
        _kind = kind;
        _geometries = [.. network.Layers.Select(layer => layer.IsIdentity ? null : new LayerGeometry(layer, layers[layer.Index], ranks))];
        RequireSumsOnRoot();
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
            return new(producer, need, null, []);
        }

        if (Earlier(producer, need) is { } earlier)
        {
            return new(producer, need, earlier, []);
        }

        if (_kind == ScheduleKind.Peers || Covers([.. own.Skip(1)], [.. need.Skip(1)]))
        {
            Delivery straight = Add(producer, need, Redistribution.Between(own, need));
            return new(producer, need, straight, [straight]);
        }

        // In two hops: the whole map to the root, unless it is there, and from the root what the others lack.
        Region[] whole = new OnRoot().Owners(Network.ShapeOf(producer), Ranks);
        bool isOnRoot = Covers(own, whole);
        Delivery? known = isOnRoot ? null : Earlier(producer, whole);
        Delivery? gather = isOnRoot ? null : known ?? Add(producer, whole, Redistribution.Between(own, whole));
        Delivery scatter = Add(producer, need, Redistribution.FromRoot(own, need), gather);
        return new(producer, need, scatter, gather is null || known is not null ? [scatter] : [gather, scatter]);
    }

    /// <summary>An earlier delivery serves a need where every rank finds its need either in it or in what it owns.</summary>
    private Delivery? Earlier(int producer, IReadOnlyList<Region> need)
    {
        IReadOnlyList<Region> own = Own(producer);
        return Deliveries(producer).FirstOrDefault(made => Enumerable.Range(0, Ranks).All(rank => own[rank].Contains(need[rank]) || made.Need[rank].Contains(need[rank])));
    }

    private Delivery Add(int producer, IReadOnlyList<Region> need, List<Transfer> transfers, Delivery? source = null)
    {
        var delivery = new Delivery(producer, _tags++, need, transfers, source);
        if (!_deliveries.TryGetValue(producer, out List<Delivery>? made))
        {
            _deliveries.Add(producer, made = []);
        }

        made.Add(delivery);
        return delivery;
    }

    private void RequireSumsOnRoot()
    {
        LayerGeometry? other = _kind == ScheduleKind.Star ? _geometries.FirstOrDefault(geometry => geometry?.Strategy == Strategy.LayerInput && geometry.Own.Skip(1).Any(own => !own.IsEmpty)) : null;
        if (other is not null)
        {
            throw new PlanException($"layer {other.Layer.Name}: under the star schedule partial sums are added on the root only");
        }
    }

    private static bool Covers(IReadOnlyList<Region> own, IReadOnlyList<Region> need) =>
        Enumerable.Range(0, need.Count).All(rank => own[rank].Contains(need[rank]));
}
