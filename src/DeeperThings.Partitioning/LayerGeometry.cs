using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Tensors;
using Convolution = DeeperThings.Models.Convolution;
using FullyConnected = DeeperThings.Models.FullyConnected;
using LocallyConnected = DeeperThings.Models.LocallyConnected;

namespace DeeperThings.Partitioning;

/// <summary>
/// What one layer takes on every rank when it is run as planned: regions that are owned, computed and needed, weights, scratch
/// and operations. The planner prices a plan with it, and the executor moves and allocates by it.
/// </summary>
public sealed class LayerGeometry
{
    private readonly Region[] _own;
    private readonly Region[][] _need;

    /// <exception cref="PlanException">The layer cannot be run as planned.</exception>
    public LayerGeometry(Layer layer, LayerPlan plan, int ranks)
    {
        Plan.Validate(plan, layer, ranks);
        Layer = layer;
        Strategy = plan.Strategy;
        Inputs = plan.Inputs;
        Algorithm = plan.Algorithm;
        Workspace = plan.Workspace;
        WeightType = plan.Weights;
        Wire = plan.Wire;
        Streams = plan.Streams;
        StripRows = plan.StripRows;
        _own = plan.Output!.Owners(layer.Output, ranks);
        _need = [.. Enumerable.Range(0, layer.Inputs.Length).Select(input =>
            Enumerable.Range(0, ranks).Select(rank => ComputeNeed(input, rank)).ToArray())];
    }

    public Layer Layer { get; }

    public Strategy Strategy { get; }

    /// <summary>How a convolution is computed.</summary>
    public ConvolutionAlgorithm Algorithm { get; }

    /// <inheritdoc cref="LayerPlan.Workspace"/>
    public Workspace Workspace { get; }

    /// <summary>How packed weights are stored.</summary>
    public ElementType WeightType { get; }

    /// <inheritdoc cref="LayerPlan.Wire"/>
    public ElementType Wire { get; }

    /// <inheritdoc cref="LayerPlan.Streams"/>
    public bool Streams { get; }

    /// <inheritdoc cref="LayerPlan.StripRows"/>
    public int StripRows { get; }

    private Split? Inputs { get; }

    /// <summary>Region of the output that each rank holds afterwards.</summary>
    public IReadOnlyList<Region> Own => _own;

    /// <summary>Region of input <paramref name="input"/> that each rank reads.</summary>
    public IReadOnlyList<Region> Need(int input) => _need[input];

    /// <summary>Input channels, within a group, that <paramref name="rank"/> sums over.</summary>
    public Interval Channels(int rank) => Inputs is null
        ? Interval.All(Layer.InputShapes[0].Channels / Layer.GroupCount)
        : Inputs[rank];

    /// <summary>Region of the output (or of the partial sums) that <paramref name="rank"/> computes.</summary>
    public Region Computes(int rank)
    {
        if (Strategy != Strategy.LayerInput)
        {
            return _own[rank];
        }

        return Channels(rank).IsEmpty ? Region.Empty : Region.Whole(Layer.Output);
    }

    /// <summary>Floats that packed weights take the room of on <paramref name="rank"/>.</summary>
    public long WeightCount(int rank)
    {
        Region region = Computes(rank);
        return region.IsEmpty ? 0 : Layer switch
        {
            Convolution layer => Kernels.Convolution.PackedCount(layer.KernelShape(Algorithm, weights: WeightType), region.Channels, Channels(rank)),
            FullyConnected layer => Kernels.FullyConnected.PackedCount(region.Channels, layer.FlatInputs(Channels(rank)), WeightType),
            LocallyConnected layer => Kernels.LocallyConnected.PackedCount(layer.KernelShape(WeightType), region),
            _ => 0,
        };
    }

    /// <summary>Floats of biases on <paramref name="rank"/>: those of the output that it owns.</summary>
    public long BiasCount(int rank) => _own[rank].IsEmpty ? 0 : Layer switch
    {
        LocallyConnected => _own[rank].Count,
        WeightedLayer => _own[rank].Channels.Length,
        _ => 0,
    };

    /// <summary>Floats of workspace of the kernel on <paramref name="rank"/>.</summary>
    public long ScratchCount(int rank) => ScratchCount(rank, Computes(rank));

    /// <summary>Likewise, to compute <paramref name="region"/> of it.</summary>
    public long ScratchCount(int rank, Region region)
    {
        return region.IsEmpty ? 0 : Layer switch
        {
            Convolution layer => Kernels.Convolution.ScratchCount(layer.KernelShape(Algorithm, Workspace, WeightType), region, Channels(rank)),
            LocallyConnected layer => Kernels.LocallyConnected.ScratchCount(layer.KernelShape(WeightType), region),
            _ => 0,
        };
    }

    /// <summary>Floating-point operations on <paramref name="rank"/>.</summary>
    public long Flops(int rank) => Flops(rank, Computes(rank));

    /// <summary>Likewise, to compute <paramref name="region"/> of it.</summary>
    public long Flops(int rank, Region region) => region.IsEmpty ? 0 : Layer.Flops(region, Channels(rank).Length);

    /// <summary>What <paramref name="rank"/> reads of an input to compute <paramref name="region"/>.</summary>
    public Region NeedFor(int input, int rank, Region region) => Layer is Convolution layer
        ? layer.KernelShape(Algorithm).Need(region, layer.InputShapes[0], Channels(rank))
        : Layer.ReceptiveField(input, region);

    /// <summary>What <paramref name="rank"/> computes, as the time for it is counted.</summary>
    public LayerWork Work(int rank) => Work(rank, Computes(rank));

    /// <summary>A part of it: a strip, say.</summary>
    public LayerWork Work(int rank, Region region) => new(Layer, region, Channels(rank), Algorithm) { WeightType = WeightType, Workspace = Workspace };

    private Region ComputeNeed(int input, int rank) => Strategy != Strategy.LayerInput
        ? NeedFor(input, rank, _own[rank])
        : Channels(rank).IsEmpty ? Region.Empty : Region.Whole(Layer.InputShapes[input]) with { Channels = Channels(rank) };
}
