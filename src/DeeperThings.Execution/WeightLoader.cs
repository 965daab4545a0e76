using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;
using Convolution = DeeperThings.Models.Convolution;
using FullyConnected = DeeperThings.Models.FullyConnected;
using LocallyConnected = DeeperThings.Models.LocallyConnected;

namespace DeeperThings.Execution;

/// <summary>Reads a rank's slices of the weights, one filter at a time, straight into the kernels' packed form.</summary>
internal sealed class WeightLoader : IDisposable
{
    private readonly Network _network;
    private readonly IWeightSource _source;
    private readonly RankMemory _memory;
    private readonly Arena _filter;
    private readonly HashSet<FloatPlace> _loaded = [];

    public WeightLoader(Network network, RankProgram program, IWeightSource source, RankMemory memory)
    {
        _network = network;
        _source = source;
        _memory = memory;
        long longest = network.Layers.OfType<WeightedLayer>().Select(layer => layer.WeightsPerFilter).DefaultIfEmpty(0).Max();
        _filter = new(program.WeightsBytes == 0 ? 0 : longest * sizeof(float));
    }

    public void Load(Step step)
    {
        switch (step)
        {
            // A layer that is run in strips has one step for each, with the same weights.
            case ComputeStep compute when _network.Layers[compute.Layer] is WeightedLayer layer && _loaded.Add(compute.Weights.Packed):
                Load(layer, compute);
                break;
            case ReduceScatterStep reduce when _network.Layers[reduce.Layer] is WeightedLayer layer && reduce.Biases.Count > 0 && _loaded.Add(reduce.Biases):
                _source.ReadBiases(layer, reduce.Region.Channels, _memory.Weights(reduce.Biases).Span);
                break;
            default:
                break;
        }
    }

    public void Dispose() => _filter.Dispose();

    private void Load(WeightedLayer layer, ComputeStep step)
    {
        NativeBuffer packed = _memory.Weights(step.Weights.Packed);
        if (layer is LocallyConnected local)
        {
            LoadLocal(local, step, packed);
            return;
        }

        Interval filters = step.Region.Channels;
        Span<float> filter = _filter.Buffer(0, step.Channels.Length * layer.WeightsPerChannel).Span;
        for (int index = filters.Start; index < filters.End; index++)
        {
            _source.ReadFilter(layer, index, step.Channels, filter);
            if (layer is Convolution convolution)
            {
                Kernels.Convolution.PackFilter(convolution.KernelShape(step.Algorithm), filters, step.Channels, index, filter, packed);
            }
            else
            {
                Kernels.FullyConnected.PackRow(filters, ((FullyConnected)layer).FlatInputs(step.Channels), index, filter, packed);
            }
        }

        if (step.Weights.Biases.Count > 0)
        {
            _source.ReadBiases(layer, filters, _memory.Weights(step.Weights.Biases).Span);
        }
    }

    private void LoadLocal(LocallyConnected layer, ComputeStep step, NativeBuffer packed)
    {
        Region region = step.Region;
        Span<float> filter = _filter.Buffer(0, layer.WeightsPerFilter).Span;
        FeatureMap biases = new(_memory.Weights(step.Weights.Biases), region);
        for (int index = region.Channels.Start; index < region.Channels.End; index++)
        {
            for (int row = region.Rows.Start; row < region.Rows.End; row++)
            {
                _source.ReadLocalBiases(layer, index, row, region.Columns, biases.Row(index, row));
                for (int column = region.Columns.Start; column < region.Columns.End; column++)
                {
                    _source.ReadLocalFilter(layer, row, column, index, filter);
                    Kernels.LocallyConnected.PackFilter(layer.KernelShape(), region, row, column, index, filter, packed);
                }
            }
        }
    }
}
