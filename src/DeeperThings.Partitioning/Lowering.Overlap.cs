using System.Collections.Immutable;
using DeeperThings.Tensors;
using Slot = DeeperThings.Partitioning.ArenaLayout.Slot;

namespace DeeperThings.Partitioning;

/// <content>
/// Exchanges that only begin: all rounds of one at once, which spares the ranks from meeting in each, and the interior of a tile beside them, while the messages travel.
/// </content>
public sealed partial class Lowering
{
    private static RankProgram Lower(Schedule schedule, int rank, Overlap overlap)
    {
        RankProgram program = new Lowering(schedule, rank, ImmutableDictionary<Delivery, Region>.Empty).Lower();
        if (overlap == Overlap.Never)
        {
            return program;
        }

        Dictionary<Delivery, Region> interiors = Interiors(schedule, rank, overlap);
        Delivery[] candidates = [.. schedule.AllDeliveries.Where(delivery => interiors.ContainsKey(delivery) || RoundsOf(schedule, delivery, rank) > 1)];
        if (candidates.Length == 0)
        {
            return program;
        }

        long limit = overlap == Overlap.WherePossible ? long.MaxValue : program.ArenaBytes;
        RankProgram all = Lower(candidates);
        if (all.ArenaBytes <= limit)
        {
            return all;
        }

        List<Delivery> chosen = [];
        foreach (Delivery delivery in candidates)
        {
            RankProgram next = Lower([.. chosen, delivery]);
            if (next.ArenaBytes <= limit)
            {
                chosen.Add(delivery);
                program = next;
            }
        }

        return program;

        RankProgram Lower(IEnumerable<Delivery> open) =>
            new Lowering(schedule, rank, open.ToDictionary(delivery => delivery, delivery => interiors.GetValueOrDefault(delivery))).Lower();
    }

    private static int RoundsOf(Schedule schedule, Delivery delivery, int rank) =>
        schedule.Rounds(delivery).Count(round => round.Any(transfer => transfer.From == rank || transfer.To == rank));

    /// <summary>What is computed beside each delivery, where something is.</summary>
    private static Dictionary<Delivery, Region> Interiors(Schedule schedule, int rank, Overlap overlap)
    {
        var interiors = new Dictionary<Delivery, Region>();
        foreach (LayerStack stack in schedule.Stacks)
        {
            LayerGeometry layer = stack.First;
            if (stack.Layers.Length == 1
                && layer.StripRows == 0
                && schedule.Edges[layer.Layer.Index] is [{ New: [{ Source: null } delivery] }]
                && Interior.Of(layer, rank, schedule.Own(delivery.Producer)[rank]) is { IsEmpty: false } interior
                && (overlap == Overlap.WherePossible || Interior.Pays(layer, rank, interior)))
            {
                interiors.Add(delivery, interior);
            }
        }

        return interiors;
    }

    /// <summary>An exchange that has begun, and what it reads and writes.</summary>
    /// <param name="interior">What is computed before it ends; empty where nothing is.</param>
    private sealed class OpenExchange(int producer, Region interior)
    {
        private readonly List<Func<ImmutableArray<Message>>> _receives = [];
        private readonly List<Slot> _slots = [];
        private StoredMap? _target;

        public Region Interior { get; } = interior;

        public void Add(IEnumerable<Slot> slots, StoredMap? target, Func<ImmutableArray<Message>> receives)
        {
            _slots.AddRange(slots);
            _receives.Add(receives);
            _target = target;
        }

        public void UseAt(int step) => _slots.ForEach(slot => slot.UseAt(step));

        public FinishStep ToStep() => new(Place(_target), [.. _receives.SelectMany(receives => receives())]) { Layer = producer };
    }

    private void Finish(OpenExchange open)
    {
        open.UseAt(ThisStep);
        _steps.Add(open.ToStep);
    }

    /// <summary>Computes what reads nothing of the messages, ends the exchange, and computes the rest.</summary>
    private void ComputeAround(OpenExchange open, LayerGeometry geometry, Edge edge, Region region, WeightPlace weights, StoredMap output)
    {
        Compute(geometry, [Locate(edge)], open.Interior, weights, output);
        Finish(open);
        foreach (Region part in Interior.Border(region, open.Interior))
        {
            Compute(geometry, [Locate(edge)], part, weights, output);
        }
    }
}
