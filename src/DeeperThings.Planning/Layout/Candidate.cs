using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Planning.Cluster;
using DeeperThings.Tensors;

namespace DeeperThings.Planning.Layout;

/// <summary>One way (σ) to run one layer, with what the geometry says that it takes.</summary>
internal sealed class Candidate
{
    public Candidate(Layer layer, LayerPlan plan, int ranks, ClusterProfile cluster, RegionSets sets)
    {
        Plan = plan;
        var geometry = new LayerGeometry(layer, plan, ranks);
        Own = sets.Of(geometry.Own);
        Needs = [.. Enumerable.Range(0, layer.Inputs.Length).Select(input => sets.Of(geometry.Need(input)))];
        WeightsBytes = PerRank(rank => Align(geometry.WeightCount(rank)) + Align(geometry.BiasCount(rank)));
        OwnBytes = PerRank(rank => Arena.Align(geometry.Own[rank].Bytes));
        ScratchBytes = PerRank(rank => Align(geometry.ScratchCount(rank)));
        PartialBytes = PerRank(_ => 0);
        ReduceBytes = PerRank(_ => 0);
        double seconds = Enumerable.Range(0, ranks).Max(rank =>
            cluster.ComputeSeconds(layer, rank, geometry.Flops(rank), geometry.WeightCount(rank) * sizeof(float), plan.Algorithm));
        ComputeNanoseconds = WholeNanoseconds.Of(seconds);
        if (plan.Strategy == Strategy.LayerInput)
        {
            AddReduceScatter(geometry, ranks, cluster);
        }

        long[] PerRank(Func<int, long> bytes) => [.. Enumerable.Range(0, ranks).Select(bytes)];
    }

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

    public long[] ScratchBytes { get; }

    /// <summary>The partial sums of a LayerInput layer.</summary>
    public long[] PartialBytes { get; }

    /// <summary>Staging, and the other ranks' partial sums, while a LayerInput layer is reduced.</summary>
    public long[] ReduceBytes { get; }

    /// <summary>Whether the own regions hold margins, which only the next layers of the stack use.</summary>
    public bool HasMargin => Plan.Output is OverlappingTiles;

    /// <summary>Whether this one can stand for <paramref name="other"/> in every plan: the same own and need, and not worse in anything.</summary>
    public bool Dominates(Candidate other) =>
        Own == other.Own
        && Needs.AsSpan().SequenceEqual(other.Needs)
        && Nanoseconds <= other.Nanoseconds
        && Reduce.Bytes <= other.Reduce.Bytes
        && NotMore(WeightsBytes, other.WeightsBytes)
        && NotMore(ScratchBytes, other.ScratchBytes)
        && NotMore(PartialBytes, other.PartialBytes)
        && NotMore(ReduceBytes, other.ReduceBytes);

    private void AddReduceScatter(LayerGeometry geometry, int ranks, ClusterProfile cluster)
    {
        var transfers = new List<Transfer>();
        for (int from = 0; from < ranks; from++)
        {
            Region partial = geometry.Computes(from);
            if (partial.IsEmpty)
            {
                continue;
            }

            PartialBytes[from] = Arena.Align(partial.Bytes);
            for (int to = 0; to < ranks; to++)
            {
                Region own = geometry.Own[to];
                if (from == to || own.IsEmpty)
                {
                    continue;
                }

                transfers.Add(new(from, to, own));
                ReduceBytes[to] += Arena.Align(own.Bytes);
                if (!FeatureMap.IsContiguous(partial, own))
                {
                    ReduceBytes[from] += Arena.Align(own.Bytes);
                }
            }
        }

        Reduce = TransferCost.Of(transfers, cluster);
    }

    private static bool NotMore(long[] bytes, long[] others) => bytes.Zip(others).All(pair => pair.First <= pair.Second);

    private static long Align(long count) => Arena.Align(count * sizeof(float));
}
