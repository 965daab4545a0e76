using System.Collections.Immutable;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Tensors;

namespace DeeperThings.Planning.Layout;

/// <summary>Layers that are run together in strips, and what that takes on every rank. A layer that is run for itself is a stack of one layer.</summary>
internal sealed class StackCost
{
    // Positions of the output that a strip costs beside its own: what is lost on average where the last vectors of a strip are not full, and with Winograd
    // the transform of all filters.
    private const int DirectStripPositions = 24;
    private const int WinogradStripPositions = 200;

    private readonly LayerStack _stack;
    private readonly ImmutableArray<Strip>[] _strips;
    private readonly long[] _scratch;

    /// <param name="number">Names the stack; 0 for a layer that is run for itself.</param>
    public StackCost(ImmutableArray<LayerGeometry> layers, int ranks, int number)
    {
        _stack = new(layers);
        Number = number;
        _strips = [.. Enumerable.Range(0, ranks).Select(_stack.StripsOf)];
        _scratch = [.. Enumerable.Range(0, ranks).Select(rank => layers.SelectMany((layer, position) => Computed(position, rank).Select(region => layer.ScratchCount(rank, region))).DefaultIfEmpty(0).Max())];
    }

    public int Number { get; }

    public int Ranks => _strips.Length;

    public ImmutableArray<LayerGeometry> Layers => _stack.Layers;

    /// <summary>Index of the first layer.</summary>
    public int First => _stack.First.Layer.Index;

    /// <summary>Index of the last layer.</summary>
    public int Last => _stack.Last.Layer.Index;

    public bool HasStrips => _stack.Last.StripRows > 0;

    /// <summary>Whether it ends with partial sums.</summary>
    public bool IsReduced => _stack.Last.Strategy == Strategy.LayerInput;

    /// <inheritdoc cref="LayerStack.StripRows"/>
    public IEnumerable<Interval> StripRows => _stack.StripRows;

    public long WindowBytes(int position, int rank) => _strips[rank].IsEmpty ? 0 : Arena.Align(_strips[rank][0].Parts[position].Stored.Bytes);

    /// <summary>Of the layer and the strip that take most.</summary>
    public long ScratchCount(int rank) => _scratch[rank];

    /// <summary>Seconds of a rank: of each strip where the device's kernels are known, otherwise of the operations with what is lost by strips.</summary>
    public double ComputeSeconds(int position, int rank, ClusterProfile cluster)
    {
        LayerGeometry geometry = Layers[position];
        return cluster.Hosts[rank].Kernels is null
            ? cluster.ComputeSeconds(geometry.Work(rank), rank, Flops(position, rank))
            : Computed(position, rank).Sum(strip => cluster.ComputeSeconds(geometry.Work(rank, strip), rank));
    }

    /// <summary>Operations, with what is lost for each strip after the first.</summary>
    private long Flops(int position, int rank)
    {
        LayerGeometry geometry = Layers[position];
        Region[] strips = [.. Computed(position, rank)];
        if (strips.Length == 0)
        {
            return 0;
        }

        int positions = geometry.Algorithm == ConvolutionAlgorithm.Winograd ? WinogradStripPositions : DirectStripPositions;
        Region lost = strips[0] with { Rows = new(0, 1), Columns = new(0, positions) };
        return strips.Sum(strip => geometry.Flops(rank, strip)) + ((strips.Length - 1) * geometry.Flops(rank, lost));
    }

    private IEnumerable<Region> Computed(int position, int rank) => _strips[rank].Select(strip => strip.Parts[position].Computed).Where(region => !region.IsEmpty);
}
