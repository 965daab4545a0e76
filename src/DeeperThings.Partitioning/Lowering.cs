using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Tensors;
using Slot = DeeperThings.Partitioning.ArenaLayout.Slot;

namespace DeeperThings.Partitioning;

/// <summary>
/// Turns a plan into what one rank does. Every rank lowers for itself and comes to the same messages, because the
/// <see cref="Schedule"/> is computed from the geometry of all ranks.
/// </summary>
public sealed class Lowering
{
    private readonly Schedule _schedule;
    private readonly int _rank;
    private readonly ArenaLayout _arena = new();
    private readonly List<Func<Step>> _steps = [];
    private readonly Dictionary<int, StoredMap> _owned = [];
    private readonly Dictionary<Delivery, StoredMap> _delivered = [];
    private long _weightBytes;
    private long _flops;

    private Lowering(Schedule schedule, int rank)
    {
        _schedule = schedule;
        _rank = rank;
    }

    /// <summary>A feature map, or part of one, in the arena.</summary>
    private sealed record StoredMap(Slot Slot, Region Region)
    {
        public MapPlace Place => new(Slot.Offset, Region);
    }

    private int ThisStep => _steps.Count;

    /// <exception cref="PlanException">A layer cannot be run as planned.</exception>
    public static RankProgram ForRank(Network network, ImmutableArray<LayerPlan> layers, int ranks, int rank, ScheduleKind schedule = ScheduleKind.Peers) =>
        new Lowering(new(network, layers, ranks, schedule), rank).Lower();

    /// <inheritdoc cref="ForRank"/>
    public static RankProgram[] AllRanks(Network network, ImmutableArray<LayerPlan> layers, int ranks, ScheduleKind schedule = ScheduleKind.Peers)
    {
        var common = new Schedule(network, layers, ranks, schedule);
        return [.. Enumerable.Range(0, ranks).Select(rank => new Lowering(common, rank).Lower())];
    }

    private RankProgram Lower()
    {
        LowerInput();
        foreach (Layer layer in _schedule.Network.Layers.Where(layer => !layer.IsIdentity))
        {
            LowerLayer(layer);
        }

        LowerOutputs();
        long arenaBytes = _arena.Place();
        return new()
        {
            Rank = _rank,
            Ranks = _schedule.Ranks,
            Steps = [.. _steps.Select(step => step())],
            ArenaBytes = arenaBytes,
            WeightsBytes = _weightBytes,
            Flops = _flops,
        };
    }

    private void LowerInput()
    {
        StoredMap? map = Store(Network.Input);
        if (map is not null)
        {
            _steps.Add(() => new InputStep(map.Place) { Layer = Network.Input });
        }
    }

    private void LowerLayer(Layer layer)
    {
        ImmutableArray<Edge> edges = _schedule.Edges[layer.Index];
        foreach (Edge edge in edges)
        {
            Deliver(edge);
        }

        LayerGeometry geometry = _schedule.Geometry(layer.Index);
        Region region = geometry.Computes(_rank);
        bool isPartial = geometry.Strategy == Strategy.LayerInput;
        WeightPlace weights = PlaceWeights(geometry);
        if (!isPartial)
        {
            if (!region.IsEmpty)
            {
                Compute(geometry, edges, region, weights, Store(layer.Index)!);
            }

            return;
        }

        StoredMap? partial = null;
        if (!region.IsEmpty)
        {
            partial = new(_arena.Add(region.Bytes, ThisStep), region);
            Compute(geometry, edges, region, weights with { Biases = default }, partial);
        }

        ReduceScatter(geometry, partial, weights.Biases);
    }

    private void Compute(LayerGeometry geometry, ImmutableArray<Edge> edges, Region region, WeightPlace weights, StoredMap output)
    {
        StoredMap?[] inputs = [.. edges.Select(Locate)];
        var scratchCount = geometry.ScratchCount(_rank);
        Slot? scratch = scratchCount > 0 ? _arena.Add(scratchCount * sizeof(float), ThisStep) : null;
        Interval channels = geometry.Channels(_rank);
        _flops += geometry.Flops(_rank);
        _steps.Add(() => new ComputeStep(
            [.. inputs.Select(Place)],
            channels,
            geometry.Strategy == Strategy.LayerInput,
            output.Place,
            region,
            weights,
            new(scratch?.Offset ?? 0, scratchCount),
            geometry.Algorithm)
        {
            Layer = geometry.Layer.Index,
        });
    }

    private void ReduceScatter(LayerGeometry geometry, StoredMap? partial, FloatPlace biases)
    {
        Region own = geometry.Own[_rank];
        partial?.Slot.UseAt(ThisStep);
        List<(int Peer, Region Piece, Slot? Staging)> sends = [];
        if (partial is not null)
        {
            for (int peer = 0; peer < _schedule.Ranks; peer++)
            {
                if (peer != _rank && !geometry.Own[peer].IsEmpty)
                {
                    sends.Add((peer, geometry.Own[peer], StageUnlessContiguous(partial.Region, [geometry.Own[peer]])));
                }
            }
        }

        List<(int Peer, StoredMap Map)> sums = [];
        StoredMap? output = Store(geometry.Layer.Index);
        if (output is not null)
        {
            for (int peer = 0; peer < _schedule.Ranks; peer++)
            {
                if (peer == _rank && partial is not null)
                {
                    sums.Add((peer, partial));
                }
                else if (peer != _rank && !geometry.Computes(peer).IsEmpty)
                {
                    sums.Add((peer, new(_arena.Add(own.Bytes, ThisStep), own)));
                }
            }
        }

        if (sends.Count == 0 && output is null)
        {
            return;
        }

        int tag = _schedule.ReduceTags[geometry.Layer.Index];
        _steps.Add(() => new ReduceScatterStep(
            tag,
            Place(partial),
            [.. sends.Select(send => new Message(send.Peer, [send.Piece], Staging(send.Staging, send.Piece.Count)))],
            [.. sums.Select(sum => new PartialSum(sum.Peer, sum.Map.Place))],
            Place(output),
            own,
            biases)
        {
            Layer = geometry.Layer.Index,
        });
    }

    private void LowerOutputs()
    {
        foreach (Edge edge in _schedule.Outputs)
        {
            Deliver(edge);
        }

        foreach (Edge edge in _schedule.Outputs)
        {
            if (Locate(edge) is { } map)
            {
                _steps.Add(() => new OutputStep(map.Place) { Layer = edge.Producer });
            }
        }

        foreach (Edge edge in _schedule.Outputs)
        {
            Locate(edge)?.Slot.UseAt(ThisStep);
        }
    }

    /// <summary>Makes room for what this rank owns of a map, from this step on; null where it owns nothing.</summary>
    private StoredMap? Store(int producer)
    {
        Region own = _schedule.Own(producer)[_rank];
        if (own.IsEmpty)
        {
            return null;
        }

        Region stored = StoredRegion(producer, own);
        var map = new StoredMap(_arena.Add(stored.Bytes, ThisStep), stored);
        _owned.Add(producer, map);
        return map;
    }

    /// <summary>
    /// A map is stored with room for what will be received of it (a halo, say) where that takes less memory than a second
    /// copy of the own region would.
    /// </summary>
    private Region StoredRegion(int producer, Region own)
    {
        Region stored = own;
        foreach (Delivery delivery in _schedule.Deliveries(producer))
        {
            Region hull = stored.Hull(delivery.Need[_rank]);
            if (hull.Count < 2 * own.Count)
            {
                stored = hull;
            }
        }

        return stored;
    }

    private void Deliver(Edge edge)
    {
        foreach (Delivery delivery in edge.New)
        {
            Deliver(delivery);
        }
    }

    private void Deliver(Delivery delivery)
    {
        Region own = _schedule.Own(delivery.Producer)[_rank];
        Region need = delivery.Need[_rank];
        StoredMap? source = _owned.GetValueOrDefault(delivery.Producer);
        if (delivery.Source is { } gathered && _delivered.TryGetValue(gathered, out StoredMap? whole))
        {
            source = whole;
            own = whole.Region;
        }

        bool receives = !own.Contains(need);
        var sends = Group(delivery.Transfers.Where(transfer => transfer.From == _rank), transfer => transfer.To);
        if (!receives && sends.Count == 0)
        {
            return;
        }

        bool inPlace = !receives || (source is not null && source.Region.Contains(need));
        StoredMap? target = inPlace ? source : new(_arena.Add(need.Bytes, ThisStep), need);
        if (receives)
        {
            _delivered.Add(delivery, target!);
        }

        Region local = inPlace ? Region.Empty : need.Intersect(own);
        var sendStaging = sends.Select(send => StageUnlessContiguous(source!.Region, send.Pieces)).ToList();
        var receivesFrom = Group(delivery.Transfers.Where(transfer => transfer.To == _rank), transfer => transfer.From);
        var receiveStaging = receivesFrom.Select(receive => StageUnlessContiguous(target!.Region, receive.Pieces)).ToList();
        source?.Slot.UseAt(ThisStep);
        _steps.Add(() => new RedistributeStep(
            delivery.Tag,
            Place(source),
            Place(target),
            local,
            Messages(sends, sendStaging),
            Messages(receivesFrom, receiveStaging))
        {
            Layer = delivery.Producer,
        });
    }

    /// <summary>Where the next step finds an input; null where this rank needs nothing of it.</summary>
    private StoredMap? Locate(Edge edge)
    {
        Region need = edge.Need[_rank];
        if (need.IsEmpty)
        {
            return null;
        }

        StoredMap map = _schedule.Own(edge.Producer)[_rank].Contains(need) ? _owned[edge.Producer]
            : _delivered.TryGetValue(edge.Delivery!, out StoredMap? received) ? received
            : _delivered[edge.Delivery!.Source!];
        map.Slot.UseAt(ThisStep);
        return map;
    }

    private WeightPlace PlaceWeights(LayerGeometry geometry) =>
        new(PlaceFloats(geometry.WeightCount(_rank)), PlaceFloats(geometry.BiasCount(_rank)));

    private FloatPlace PlaceFloats(long count)
    {
        var place = new FloatPlace(_weightBytes, count);
        _weightBytes += Arena.Align(place.Bytes);
        return place;
    }

    private Slot? StageUnlessContiguous(Region stored, ImmutableArray<Region> pieces) =>
        pieces.Length == 1 && FeatureMap.IsContiguous(stored, pieces[0])
            ? null
            : _arena.Add(pieces.Sum(piece => piece.Bytes), ThisStep);

    private static List<(int Peer, ImmutableArray<Region> Pieces)> Group(IEnumerable<Transfer> transfers, Func<Transfer, int> peer) =>
        [.. transfers.GroupBy(peer).OrderBy(group => group.Key).Select(group => (group.Key, group.Select(transfer => transfer.Region).ToImmutableArray()))];

    private static ImmutableArray<Message> Messages(List<(int Peer, ImmutableArray<Region> Pieces)> groups, List<Slot?> staging) =>
        [.. groups.Zip(staging, (group, slot) => new Message(group.Peer, group.Pieces, Staging(slot, group.Pieces.Sum(piece => piece.Count))))];

    private static FloatPlace? Staging(Slot? slot, long count) => slot is null ? null : new(slot.Offset, count);

    private static MapPlace Place(StoredMap? map) => map?.Place ?? default;
}
