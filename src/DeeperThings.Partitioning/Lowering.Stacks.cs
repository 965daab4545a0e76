using System.Collections.Immutable;
using DeeperThings.Tensors;
using Slot = DeeperThings.Partitioning.ArenaLayout.Slot;

namespace DeeperThings.Partitioning;

/// <content>Layers, alone or in streamed stacks.</content>
public sealed partial class Lowering
{
    private void LowerStack(LayerStack stack)
    {
        ImmutableArray<Edge> edges = _schedule.Edges[stack.First.Layer.Index];
        OpenExchange? open = null;
        foreach (Edge edge in edges)
        {
            open = Deliver(edge);
        }

        foreach (Edge edge in edges)
        {
            Shrink(stack, edge);
        }

        LayerGeometry last = stack.Last;
        bool isPartial = last.Strategy == Strategy.LayerInput;
        WeightPlace[] weights = [.. stack.Layers.Select(PlaceWeights)];
        FloatPlace biases = weights[^1].Biases;
        ImmutableArray<Strip> strips = stack.StripsOf(_rank);
        Slot? partial = null;
        StoredMap?[] maps = new StoredMap?[stack.Layers.Length];
        if (strips.Length > 0)
        {
            if (isPartial)
            {
                weights[^1] = weights[^1] with { Biases = default };
                partial = _arena.Add(strips.Max(strip => strip.Computed.Bytes), ThisStep);
            }
            else
            {
                maps[^1] = Store(last.Layer.Index, _schedule.OverwrittenBy(stack));
            }

            for (int layer = 0; layer < maps.Length - 1; layer++)
            {
                Region window = strips[0].Parts[layer].Stored;
                maps[layer] = new(_arena.Add(window.Bytes, ThisStep), window);
            }
        }

        int next = 0;
        int tag = isPartial ? _schedule.ReduceTags[last.Layer.Index] : 0;
        foreach (Interval rows in stack.StripRows)
        {
            StoredMap? sums = null;
            if (next < strips.Length && rows.Contains(strips[next].Computed.Rows))
            {
                Strip strip = strips[next++];
                sums = partial is null ? null : new(partial, strip.Computed);
                LowerStrip(stack, strip, edges, weights, maps, sums, open);
            }

            if (isPartial)
            {
                ReduceScatter(last, rows, tag++, sums, biases);
            }
        }
    }

    /// <summary>A map that is read for the last time, and only a small part of it, gives the memory of the rest back.</summary>
    private void Shrink(LayerStack stack, Edge edge)
    {
        Region need = edge.Need[_rank];
        if (!need.IsEmpty
            && _schedule.Own(edge.Producer)[_rank].Contains(need)
            && _owned[edge.Producer] is var map
            && IsShrunk(map.Region, need)
            && _schedule.IsLastReader(stack, edge.Producer))
        {
            var kept = new StoredMap(map.Slot, need);
            map.Slot.UseAt(ThisStep);
            map.Slot.ShrinkAt(ThisStep, need.Bytes);
            _owned[edge.Producer] = kept;
            _steps.Add(() => new SlideStep(map.Place, kept.Place, need) { Layer = edge.Producer });
        }
    }

    /// <summary>Whether only <paramref name="need"/> is kept of a map that stores <paramref name="stored"/> and will be read no more.</summary>
    public static bool IsShrunk(Region stored, Region need) => 2 * need.Count <= stored.Count;

    /// <summary>One strip through all layers of the stack.</summary>
    /// <param name="maps">The window of each layer's output where the strip before left it, and the last layer's output unless it is partial sums.</param>
    /// <param name="open">The exchange that the stack, then of one layer with one input, is begun beside.</param>
    private void LowerStrip(LayerStack stack, Strip strip, ImmutableArray<Edge> edges, WeightPlace[] weights, StoredMap?[] maps, StoredMap? sums, OpenExchange? open)
    {
        for (int index = 0; index < stack.Layers.Length; index++)
        {
            bool isLast = index == stack.Layers.Length - 1;
            StripPart part = strip.Parts[index];
            if (!isLast)
            {
                maps[index] = Slide(stack.Layers[index], maps[index]!, part);
            }

            if (open is not null)
            {
                ComputeAround(open, stack.First, edges[0], part.Computed, weights[index], maps[index]!);
            }
            else if (!part.Computed.IsEmpty)
            {
                StoredMap?[] inputs = index == 0 ? [.. edges.Select(Locate)] : [maps[index - 1]];
                Compute(stack.Layers[index], inputs, part.Computed, weights[index], isLast && sums is not null ? sums : maps[index]!);
            }
        }
    }

    private StoredMap Slide(LayerGeometry geometry, StoredMap from, StripPart part)
    {
        var to = new StoredMap(from.Slot, part.Stored);
        if (from.Region != to.Region && !part.Kept.IsEmpty)
        {
            from.Slot.UseAt(ThisStep);
            _steps.Add(() => new SlideStep(from.Place, to.Place, part.Kept) { Layer = geometry.Layer.Index });
        }

        return to;
    }

    private void Compute(LayerGeometry geometry, StoredMap?[] inputs, Region region, WeightPlace weights, StoredMap output)
    {
        foreach (StoredMap? map in (StoredMap?[])[.. inputs, output])
        {
            map?.Slot.UseAt(ThisStep);
        }

        long scratchCount = geometry.ScratchCount(_rank, region);
        Slot? scratch = scratchCount > 0 ? _arena.Add(scratchCount * sizeof(float), ThisStep) : null;
        Interval channels = geometry.Channels(_rank);
        _flops += geometry.Flops(_rank, region);
        _steps.Add(() => new ComputeStep(
            [.. inputs.Select(Place)],
            channels,
            geometry.Strategy == Strategy.LayerInput,
            output.Place,
            region,
            weights,
            new(scratch?.Offset ?? 0, scratchCount),
            geometry.Algorithm,
            geometry.Workspace)
        {
            Layer = geometry.Layer.Index,
            Rounding = geometry.Strategy == Strategy.LayerInput ? ElementType.Float32 : geometry.Wire,
        });
    }

    /// <summary>Reduces the partial sums of some rows of the output.</summary>
    /// <param name="partial">This rank's partial sums of these rows; null where it has none.</param>
    private void ReduceScatter(LayerGeometry geometry, Interval rows, int tag, StoredMap? partial, FloatPlace biases)
    {
        Region[] owned = [.. geometry.Own.Select(region => region.Intersect(region with { Rows = rows }))];
        Region own = owned[_rank];
        partial?.Slot.UseAt(ThisStep);
        List<(int Peer, Region Piece, Slot? Staging)> sends = [];
        if (partial is not null)
        {
            for (int peer = 0; peer < _schedule.Ranks; peer++)
            {
                if (peer != _rank && !owned[peer].IsEmpty)
                {
                    sends.Add((peer, owned[peer], Stage(partial.Region, [owned[peer]], ElementType.Float32)));
                }
            }
        }

        List<(int Peer, StoredMap Map)> sums = [];
        int layer = geometry.Layer.Index;
        StoredMap? output = own.IsEmpty ? null : _owned.GetValueOrDefault(layer) ?? Store(layer);
        if (output is not null)
        {
            output.Slot.UseAt(ThisStep);
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

        _steps.Add(() => new ReduceScatterStep(
            tag,
            Place(partial),
            [.. sends.Select(send => new Message(send.Peer, [send.Piece], PlaceOf(send.Staging, send.Piece.Count)))],
            [.. sums.Select(sum => new PartialSum(sum.Peer, sum.Map.Place))],
            Place(output),
            own,
            biases)
        {
            Layer = layer,
            Rounding = geometry.Wire,
        });
    }
}
