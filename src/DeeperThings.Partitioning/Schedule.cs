using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>One redistribution of one feature map, for all ranks.</summary>
/// <param name="Tag">Of its first exchange; the others' follow.</param>
/// <param name="Source">The delivery that gave the root the whole map, where it sends that on; null where ranks send what they own.</param>
internal sealed record Delivery(int Producer, int Tag, IReadOnlyList<Region> Need, List<Transfer> Transfers, Delivery? Source);

/// <summary>How one consumer comes to one of its inputs. <paramref name="Delivery"/> is null where every rank already owns what it needs.</summary>
/// <param name="New">The deliveries that happen for this consumer, in order; none where earlier ones serve it too.</param>
internal sealed record Edge(int Producer, IReadOnlyList<Region> Need, Delivery? Delivery, ImmutableArray<Delivery> New);

/// <summary>What happens on all ranks together, in order: the part of lowering in which every rank must come to the same answer.</summary>
internal sealed class Schedule
{
    private readonly Dictionary<int, List<Delivery>> _deliveries = [];
    private readonly Dictionary<Delivery, List<Transfer>[]> _rounds = [];
    private readonly LayerGeometry?[] _geometries;
    private readonly Region[] _inputOwn;
    private readonly ScheduleKind _kind;
    private readonly Dictionary<int, int> _overwriters = [];
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
        Stacks = StacksOf();
        foreach (LayerStack stack in Stacks.Where(stack => OverwrittenBy(stack) is not null))
        {
            _overwriters.Add(OverwrittenBy(stack)!.Producer, stack.First.Layer.Index);
        }

        ReduceTags = [.. _geometries.Select(geometry => geometry?.Strategy == Strategy.LayerInput ? NewTags(StripCount(geometry)) : -1)];
        if (network.Outputs.FirstOrDefault(output => Wire(output) != ElementType.Float32, -1) is >= 0 and int rounded)
        {
            throw new PlanException($"layer {network.Layers[rounded].Name}: an output of the network is not sent as {Wire(rounded)}");
        }

        Outputs = [.. network.Outputs.Distinct().Select(output => NewEdge(output, new OnRoot().Owners(network.ShapeOf(output), ranks)))];
    }

    public Network Network { get; }

    public int Ranks { get; }

    /// <summary>Per layer, per input.</summary>
    public ImmutableArray<ImmutableArray<Edge>> Edges { get; }

    /// <summary>All layers, in the order in which they are run.</summary>
    public ImmutableArray<LayerStack> Stacks { get; }

    /// <summary>Message tag of the first strip of each layer's reduce-scatter, the others' follow; -1 where it has none.</summary>
    public ImmutableArray<int> ReduceTags { get; }

    /// <summary>The network's outputs on their way to the root.</summary>
    public ImmutableArray<Edge> Outputs { get; }

    /// <summary>How a map is sent; the network's input as it is.</summary>
    public ElementType Wire(int producer) => producer == Network.Input ? ElementType.Float32 : Geometry(producer).Wire;

    /// <summary>Whether anything of a map moves.</summary>
    public bool Moves(int producer) => Deliveries(producer).Count > 0;

    public LayerGeometry Geometry(int layer) => _geometries[layer]!;

    public IReadOnlyList<Region> Own(int producer) => producer == Network.Input ? _inputOwn : Geometry(producer).Own;

    /// <summary>
    /// What <paramref name="rank"/> stores of a map: what it owns, with room for what it will receive (a halo, say) where that takes less memory than a second
    /// copy of its own part would. Maps that are written over each other have room for what any of them will receive.
    /// </summary>
    public Region Stored(int producer, int rank)
    {
        Region own = Own(producer)[rank];
        Region stored = own;
        foreach (Delivery delivery in InOnePlace(producer, rank).SelectMany(Deliveries).Where(_ => !own.IsEmpty))
        {
            Region hull = stored.Hull(delivery.Need[rank]);
            if (hull.Count < 2 * own.Count)
            {
                stored = hull;
            }
        }

        return stored;
    }

    /// <summary>
    /// The transfers of a delivery that are made together. Where messages must be packed, one other rank comes after the other: in round d each rank sends
    /// to the one d places behind it, so that no rank packs more than one message at a time and all links are busy.
    /// </summary>
    public IReadOnlyList<List<Transfer>> Rounds(Delivery delivery)
    {
        if (!_rounds.TryGetValue(delivery, out List<Transfer>[]? rounds))
        {
            Region[] stored = [.. Enumerable.Range(0, Ranks).Select(rank => Stored(delivery.Producer, rank).Hull(delivery.Source?.Need[rank] ?? Region.Empty))];
            Region[] target = [.. stored.Select((map, rank) => map.Contains(delivery.Need[rank]) ? map : delivery.Need[rank])];
            rounds = Staging.Rounds(delivery.Transfers, stored, target, Columns(delivery.Producer), Wire(delivery.Producer));
            _rounds.Add(delivery, rounds);
        }

        return rounds;
    }

    /// <summary>All columns of a map.</summary>
    public Interval Columns(int producer) => Interval.All(Network.ShapeOf(producer).Columns);

    /// <summary>Of all maps.</summary>
    public IEnumerable<Delivery> AllDeliveries => _deliveries.Values.SelectMany(made => made).OrderBy(delivery => delivery.Tag);

    private List<Delivery> Deliveries(int producer) => _deliveries.TryGetValue(producer, out List<Delivery>? made) ? made : [];

    /// <summary>Whether <paramref name="stack"/> is the last that reads a map, and reads it once.</summary>
    public bool IsLastReader(LayerStack stack, int producer)
    {
        LayerStack last = Stacks.Last(other => Edges[other.First.Layer.Index].Any(edge => edge.Producer == producer));
        return last == stack && Edges[stack.First.Layer.Index].Count(edge => edge.Producer == producer) == 1 && Outputs.All(edge => edge.Producer != producer);
    }

    /// <summary>The input in whose memory a layer can be computed, as far as the network and the stacks allow; null for none.</summary>
    public Edge? OverwrittenBy(LayerStack stack) =>
        stack.Layers.Length == 1 && stack.Last.StripRows == 0 && Overwriting.InputOf(Network, stack.Last.Layer) is { } input ? Edges[stack.Last.Layer.Index][input] : null;

    /// <summary>The maps that a rank computes one over the other, since it owns the same region of each.</summary>
    private List<int> InOnePlace(int producer, int rank)
    {
        List<int> maps = [producer];
        while (_overwriters.FirstOrDefault(pair => pair.Value == maps[0], new(maps[0], maps[0])).Key is var before && before != maps[0] && IsSame(before))
        {
            maps.Insert(0, before);
        }

        while (_overwriters.TryGetValue(maps[^1], out int behind) && IsSame(behind))
        {
            maps.Add(behind);
        }

        return maps;

        bool IsSame(int other) => Own(other)[rank] == Own(producer)[rank];
    }

    private int NewTags(int count)
    {
        _tags += count;
        return _tags - count;
    }

    private static int StripCount(LayerGeometry last) => new LayerStack([last]).StripRows.Count();

    private ImmutableArray<LayerStack> StacksOf()
    {
        var stacks = ImmutableArray.CreateBuilder<LayerStack>();
        var isTaken = new bool[_geometries.Length];
        foreach (LayerGeometry geometry in _geometries.OfType<LayerGeometry>().Where(geometry => !isTaken[geometry.Layer.Index]))
        {
            List<LayerGeometry> stack = [geometry];
            while (stack[^1].Streams)
            {
                stack.Add(ReaderOf(stack[^1]));
            }

            stack.ForEach(member => isTaken[member.Layer.Index] = true);
            stacks.Add(new([.. stack]));
        }

        return stacks.ToImmutable();
    }

    /// <summary>The layer that takes a streamed output.</summary>
    private LayerGeometry ReaderOf(LayerGeometry streamed)
    {
        int producer = streamed.Layer.Index;
        Layer[] readers = [.. Network.Layers.Where(layer => !layer.IsIdentity && layer.Inputs.Any(input => Network.Resolve(input) == producer))];
        LayerGeometry? reader = readers.Length == 1 && readers[0].Inputs.Length == 1 && !Network.Outputs.Contains(producer) ? Geometry(readers[0].Index) : null;
        return reader is not null && (reader.Streams || reader.StripRows > 0) && Covers(streamed.Own, reader.Need(0))
            ? reader
            : throw new PlanException($"layer {streamed.Layer.Name}: its output can be streamed only to one layer that is run in strips, has no other input, and needs only what each rank has");
    }

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
        var delivery = new Delivery(producer, NewTags(Ranks), need, transfers, source);
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
