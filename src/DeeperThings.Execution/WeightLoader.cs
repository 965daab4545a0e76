using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;
using Convolution = DeeperThings.Models.Convolution;
using FullyConnected = DeeperThings.Models.FullyConnected;
using LocallyConnected = DeeperThings.Models.LocallyConnected;

namespace DeeperThings.Execution;

/// <summary>Reads a rank's slices of the weights, one filter at a time, straight into the kernels' packed form.</summary>
internal static class WeightLoader
{
    /// <returns>The digest of all that was read.</returns>
    public static string Load(Network network, RankProgram program, IWeightSource source, RankMemory memory, Action<double>? progress)
    {
        WeightLoad[] loads = [.. RankWeights.Of(network, program)];
        using var digest = new WeightsDigest();
        for (int i = 0; i < loads.Length; i++)
        {
            (WeightSlice slice, ComputeStep? step, FloatPlace biases) = loads[i];
            var target = new PackedTarget(slice, step, source, memory);
            source.Read(slice, memory.Weights(biases).Span, ref target, digest.Slice);
            digest.EndSlice();
            progress?.Invoke((i + 1.0) / loads.Length);
        }

        return digest.End();
    }

    private readonly struct PackedTarget(WeightSlice slice, ComputeStep? step, IWeightSource source, RankMemory memory) : IFilterTarget
    {
        private readonly NativeBuffer _packed = step is null ? default : memory.Weights(step.Weights.Packed);

        public void Put(int filter, int row, int column, ReadOnlySpan<float> weights)
        {
            ElementType type = step!.Weights.Type;
            if (type == ElementType.Float16)
            {
                Float16Range.Check(slice.Layer, filter, weights, source.Name);
            }

            switch (slice.Layer)
            {
                case Convolution layer:
                    Kernels.Convolution.PackFilter(layer.KernelShape(step.Algorithm, weights: type), slice.Filters, slice.Channels, filter, weights, _packed);
                    break;
                case FullyConnected layer:
                    Kernels.FullyConnected.PackRow(slice.Filters, layer.FlatInputs(slice.Channels), filter, weights, _packed, type);
                    break;
                case LocallyConnected layer:
                    Kernels.LocallyConnected.PackFilter(layer.KernelShape(type), step.Region, row, column, filter, weights, _packed);
                    break;
                default:
                    throw new NotSupportedException($"no packed weights for layer {slice.Layer.Name}");
            }
        }
    }
}
