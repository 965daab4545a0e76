using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Tensors;

namespace DeeperThings.Planning.Layout;

/// <summary>One way (σ) to run one layer, with what the geometry says that it takes.</summary>
internal sealed class Candidate
{
    /// <summary>Of a layer that is run for itself.</summary>
    public Candidate(Layer layer, LayerPlan plan, int ranks, ClusterProfile cluster, RegionSets sets)
        : this(new StackCost([new(layer, plan, ranks)], ranks, number: 0), plan, 0, cluster, sets)
    {
    }

    /// <summary>Of a member of a streamed stack.</summary>
    public Candidate(StackCost stack, LayerPlan plan, int position, ClusterProfile cluster, RegionSets sets)
    {
        Plan = plan;
        Stack = stack;
        LayerGeometry geometry = stack.Layers[position];
        Layer layer = geometry.Layer;
        int ranks = stack.Ranks;
        bool isFirst = position == 0;
        bool isLast = position == stack.Layers.Length - 1;
        Own = sets.Of(geometry.Own, isLast ? default : new(stack.Number, 0), plan.Wire);
        StackPart reads = !isFirst ? new(stack.Number, 0) : isLast ? default : new(0, stack.Last);
        Needs = [.. Enumerable.Range(0, layer.Inputs.Length).Select(input => sets.Of(geometry.Need(input), reads))];
        WeightsBytes = PerRank(rank => Align(geometry.WeightCount(rank)) + Align(geometry.BiasCount(rank)));
        OwnBytes = PerRank(rank => isLast ? Arena.Align(geometry.Own[rank].Bytes) : 0);
        WindowBytes = PerRank(rank => isLast ? 0 : stack.WindowBytes(position, rank));
        ScratchBytes = PerRank(rank => Align(stack.ScratchCount(rank)));
        PartialBytes = PerRank(_ => 0);
        ReduceBytes = PerRank(_ => 0);
        double seconds = Enumerable.Range(0, ranks).Max(rank => stack.ComputeSeconds(position, rank, cluster) + cluster.RoundingSeconds(rank, geometry.Own[rank], plan.Wire));
        ComputeNanoseconds = WholeNanoseconds.Of(seconds);
        if (plan.Strategy == Strategy.LayerInput)
        {
            AddReduceScatter(geometry, cluster);
        }

        long[] PerRank(Func<int, long> bytes) => [.. Enumerable.Range(0, ranks).Select(bytes)];
    }

    /// <summary>The layers that are run together with this one; itself alone in most cases.</summary>
    public StackCost Stack { get; }

    public LayerPlan Plan { get; }

    /// <summary>own_σ</summary>
    public RegionSet Own { get; }

    /// <summary>need_σ, per input.</summary>
    public RegionSet[] Needs { get; }

    public long ComputeNanoseconds { get; }

    /// <summary>Of the reduce-scatter that ends a LayerInput layer.</summary>
    public TransferCost Reduce { get; private set; }

    public long Nanoseconds => ComputeNanoseconds + Reduce.Nanoseconds;

    public long[] WeightsBytes { get; }

    public long[] OwnBytes { get; }

    /// <summary>Of a streamed output, instead of own bytes.</summary>
    public long[] WindowBytes { get; }

    /// <summary>Of the layer and the strip of the stack that take most: what else is alive is the same in all of it.</summary>
    public long[] ScratchBytes { get; }

    /// <summary>The partial sums of a strip of a LayerInput layer.</summary>
    public long[] PartialBytes { get; }

    /// <summary>Staging, and the other ranks' partial sums, while a strip of a LayerInput layer is reduced.</summary>
    public long[] ReduceBytes { get; }

    /// <summary>Whether the own regions hold margins, which only the next layers of the stack use.</summary>
    public bool HasMargin => Plan.Output is OverlappingTiles;

    /// <summary>Whether this one can stand for <paramref name="other"/> in every plan: the same own and need, and not worse in anything.</summary>
    public bool Dominates(Candidate other) =>
        Own == other.Own
        && Needs.AsSpan().SequenceEqual(other.Needs)
        && Nanoseconds <= other.Nanoseconds
        && Reduce.Bytes <= other.Reduce.Bytes
        && Stack.Layers.Length == 1
        && other.Stack.Layers.Length == 1
        && (!Stack.HasStrips || other.Stack.HasStrips)
        && NotMore(WeightsBytes, other.WeightsBytes)
        && NotMore(ScratchBytes, other.ScratchBytes)
        && NotMore(PartialBytes, other.PartialBytes)
        && NotMore(ReduceBytes, other.ReduceBytes);

    private void AddReduceScatter(LayerGeometry geometry, ClusterProfile cluster)
    {
        foreach (Interval rows in Stack.StripRows)
        {
            Region[] own = [.. geometry.Own.Select(region => region.Intersect(region with { Rows = rows }))];
            var transfers = new List<Transfer>();
            var reduced = new long[own.Length];
            var partials = new Region[own.Length];
            var local = new long[own.Length];
            for (int from = 0; from < own.Length; from++)
            {
                Region partial = geometry.Computes(from) with { Rows = rows };
                if (geometry.Computes(from).IsEmpty)
                {
                    continue;
                }

                partials[from] = partial;
                local[from] = own[from].Bytes;
                PartialBytes[from] = Math.Max(PartialBytes[from], Arena.Align(partial.Bytes));
                for (int to = 0; to < own.Length; to++)
                {
                    if (from != to && !own[to].IsEmpty)
                    {
                        transfers.Add(new(from, to, own[to]));
                        reduced[to] += Arena.Align(own[to].Bytes);
                        reduced[from] += Arena.Align(Staging.Bytes(partial, [own[to]]));
                    }
                }
            }

            for (int rank = 0; rank < own.Length; rank++)
            {
                ReduceBytes[rank] = Math.Max(ReduceBytes[rank], reduced[rank]);
            }

            TransferCost cost = TransferCost.Of(transfers, cluster, partials, [.. own.Select(_ => Region.Empty)], local, default, ElementType.Float32);
            Reduce = new(Reduce.Nanoseconds + cost.Nanoseconds, Reduce.Bytes + cost.Bytes);
        }
    }

    private static bool NotMore(long[] bytes, long[] others) => bytes.Zip(others).All(pair => pair.First <= pair.Second);

    private static long Align(long count) => Arena.Align(count * sizeof(float));
}
