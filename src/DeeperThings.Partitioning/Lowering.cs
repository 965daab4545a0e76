using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Tensors;
using Slot = DeeperThings.Partitioning.ArenaLayout.Slot;

namespace DeeperThings.Partitioning;

/// <summary>
/// Turns a plan into what one rank does. Every rank lowers for itself and comes to the same messages, because the
/// <see cref="Schedule"/> is computed from the geometry of all ranks.
/// </summary>
public sealed partial class Lowering
{
    private readonly Schedule _schedule;
    private readonly int _rank;
    private readonly ArenaLayout _arena = new();
    private readonly List<Func<Step>> _steps = [];
    private readonly Dictionary<int, StoredMap> _owned = [];
    private readonly Dictionary<Delivery, StoredMap> _delivered = [];
    private readonly IReadOnlyDictionary<Delivery, Region> _open;
    private long _weightBytes;
    private long _flops;

    /// <param name="open">Deliveries of which all rounds begin together, and what is computed before they end.</param>
    private Lowering(Schedule schedule, int rank, IReadOnlyDictionary<Delivery, Region> open)
    {
        _schedule = schedule;
        _rank = rank;
        _open = open;
    }

    /// <summary>A feature map, or part of one, in the arena.</summary>
    private sealed record StoredMap(Slot Slot, Region Region)
    {
        public MapPlace Place => new(Slot.Offset, Region);
    }

    private int ThisStep => _steps.Count;

    /// <exception cref="PlanException">A layer cannot be run as planned.</exception>
    public static RankProgram ForRank(Network network, ImmutableArray<LayerPlan> layers, int ranks, int rank, ScheduleKind schedule = ScheduleKind.Peers, Overlap overlap = Overlap.WhereItPays) =>
        Lower(new(network, layers, ranks, schedule), rank, overlap);

    /// <inheritdoc cref="ForRank"/>
    public static RankProgram[] AllRanks(Network network, ImmutableArray<LayerPlan> layers, int ranks, ScheduleKind schedule = ScheduleKind.Peers, Overlap overlap = Overlap.WhereItPays)
    {
        var common = new Schedule(network, layers, ranks, schedule);
        return [.. Enumerable.Range(0, ranks).Select(rank => Lower(common, rank, overlap))];
    }

    private RankProgram Lower()
    {
        LowerInput();
        foreach (LayerStack stack in _schedule.Stacks)
        {
            LowerStack(stack);
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
    /// <param name="overwritten">An input that nobody reads afterwards: where it is stored as the map will be, that is the room.</param>
    private StoredMap? Store(int producer, Edge? overwritten = null)
    {
        Region own = _schedule.Own(producer)[_rank];
        if (own.IsEmpty)
        {
            return null;
        }

        Region stored = _schedule.Stored(producer, _rank);
        StoredMap? room = overwritten is null ? null : Locate(overwritten);
        StoredMap map = room?.Region == stored ? room : new(_arena.Add(stored.Bytes, ThisStep), stored);
        _owned.Add(producer, map);
        return map;
    }

    /// <returns>The exchange beside which this rank computes, still open; null where there is none.</returns>
    private OpenExchange? Deliver(Edge edge)
    {
        OpenExchange? open = null;
        foreach (Delivery delivery in edge.New)
        {
            open = _open.TryGetValue(delivery, out Region interior) ? new(delivery.Producer, interior) : null;
            Deliver(delivery, open);
            if (open is { Interior.IsEmpty: true })
            {
                Finish(open);
                open = null;
            }
        }

        return open;
    }

    private void Deliver(Delivery delivery, OpenExchange? open)
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
        bool inPlace = !receives || (source is not null && source.Region.Contains(need));
        StoredMap? target = inPlace ? source : null;
        Region local = inPlace ? Region.Empty : need.Intersect(own);
        IReadOnlyList<List<Transfer>> rounds = _schedule.Rounds(delivery);
        for (int round = 0; round < rounds.Count; round++)
        {
            var messages = Redistribution.Messages(rounds[round].Where(transfer => transfer.From == _rank || transfer.To == _rank), _schedule.Columns(delivery.Producer)).ToList();
            var sends = messages.Where(message => message.From == _rank).Select(message => (Peer: message.To, message.Pieces)).OrderBy(message => message.Peer).ToList();
            var receivesFrom = messages.Where(message => message.To == _rank).Select(message => (Peer: message.From, message.Pieces)).OrderBy(message => message.Peer).ToList();
            if (sends.Count + receivesFrom.Count > 0)
            {
                target ??= receives ? new(_arena.Add(need.Bytes, ThisStep), need) : null;
                Exchange(delivery.Producer, delivery.Tag + round, source, target, local, sends, receivesFrom, open);
                local = Region.Empty;
            }
        }

        if (receives)
        {
            _delivered.Add(delivery, target!);
        }
    }

    private void Exchange(
        int producer,
        int tag,
        StoredMap? source,
        StoredMap? target,
        Region local,
        List<(int Peer, ImmutableArray<Region> Pieces)> sends,
        List<(int Peer, ImmutableArray<Region> Pieces)> receives,
        OpenExchange? open)
    {
        ElementType wire = _schedule.Wire(producer);
        var sendStaging = sends.Select(send => Stage(source!.Region, send.Pieces, wire)).ToList();
        var receiveStaging = receives.Select(receive => Stage(target!.Region, receive.Pieces, wire)).ToList();
        source?.Slot.UseAt(ThisStep);
        target?.Slot.UseAt(ThisStep);
        open?.Add([.. new[] { source?.Slot, target?.Slot }.Concat(sendStaging).Concat(receiveStaging).OfType<Slot>()], target, () => Messages(receives, receiveStaging, wire));
        _steps.Add(() => new RedistributeStep(tag, Place(source), Place(target), local, Messages(sends, sendStaging, wire), Messages(receives, receiveStaging, wire))
        {
            Layer = producer,
            IsOpen = open is not null,
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
        new(PlaceFloats(geometry.WeightCount(_rank)), PlaceFloats(geometry.BiasCount(_rank)), geometry.WeightType);

    private FloatPlace PlaceFloats(long count)
    {
        var place = new FloatPlace(_weightBytes, count);
        _weightBytes += Arena.Align(place.Bytes);
        return place;
    }

    private Slot? Stage(Region stored, ImmutableArray<Region> pieces, ElementType wire) =>
        Staging.Bytes(stored, pieces, wire) is var bytes and > 0 ? _arena.Add(bytes, ThisStep) : null;

    private static ImmutableArray<Message> Messages(List<(int Peer, ImmutableArray<Region> Pieces)> groups, List<Slot?> staging, ElementType wire) =>
        [.. groups.Zip(staging, (group, slot) => new Message(group.Peer, group.Pieces, PlaceOf(slot, wire.Room(group.Pieces.Sum(piece => piece.Count))), wire))];

    private static FloatPlace? PlaceOf(Slot? slot, long count) => slot is null ? null : new(slot.Offset, count);

    private static MapPlace Place(StoredMap? map) => map?.Place ?? default;
}
