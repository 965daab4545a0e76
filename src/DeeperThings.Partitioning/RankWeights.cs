using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>What a rank reads of one layer's weights, and where they lie in its memory.</summary>
/// <param name="Slice">Each byte of it is read once.</param>
/// <param name="Compute">The step whose packed weights the filters become; null where the rank has biases alone.</param>
/// <param name="Biases">Where the biases lie; empty where the rank has none.</param>
public sealed record WeightLoad(WeightSlice Slice, ComputeStep? Compute, FloatPlace Biases);

/// <summary>What a rank reads of a model's weights.</summary>
public static class RankWeights
{
    /// <summary>In the order of reading. A layer that is run in strips has a step for each, with the same weights.</summary>
    public static IEnumerable<WeightLoad> Of(Network network, RankProgram program) =>
        program.Steps.Where(step => step is ComputeStep or ReduceScatterStep && network.Layers[step.Layer] is WeightedLayer).GroupBy(step => step.Layer)
            .Select(steps => Of((WeightedLayer)network.Layers[steps.Key], steps.OfType<ComputeStep>().FirstOrDefault(), steps.OfType<ReduceScatterStep>().FirstOrDefault(step => !step.Region.IsEmpty)))
            .Where(load => !load.Slice.Filters.IsEmpty || !load.Slice.Biases.IsEmpty);

    private static WeightLoad Of(WeightedLayer layer, ComputeStep? compute, ReduceScatterStep? reduce)
    {
        FloatPlace biases = reduce?.Biases ?? compute?.Weights.Biases ?? default;
        Region owned = reduce?.Region ?? compute?.Region ?? Region.Empty;
        var slice = new WeightSlice(layer, compute?.Region.Channels ?? default, compute?.Channels ?? default, biases.Count == 0 ? default : owned.Channels);
        return new(layer is LocallyConnected ? slice with { Rows = owned.Rows, Columns = owned.Columns } : slice, compute, biases);
    }
}
