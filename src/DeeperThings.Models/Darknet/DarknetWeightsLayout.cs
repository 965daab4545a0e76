namespace DeeperThings.Models.Darknet;

/// <summary>
/// Where each layer's numbers stand behind the header of a weights file, in floats. Convolution: biases, [scales, means, variances], weights;
/// connected: biases, weights, [scales, means, variances]; local: biases, weights.
/// </summary>
internal sealed class DarknetWeightsLayout
{
    private readonly Block[] _blocks;

    public DarknetWeightsLayout(Network network)
    {
        _blocks = new Block[network.Layers.Length];
        foreach (Layer layer in network.Layers)
        {
            if (layer is WeightedLayer weighted)
            {
                _blocks[layer.Index] = Place(weighted, Count);
                Count += layer.Parameters;
            }
        }
    }

    /// <summary>All floats.</summary>
    public long Count { get; }

    public Block this[WeightedLayer layer] => _blocks[layer.Index];

    private static Block Place(WeightedLayer layer, long start)
    {
        long filters = layer.Filters;
        long statistics = layer.BatchNormalized ? 3 * filters : 0;
        return layer switch
        {
            LocallyConnected => new(start, 0, start + layer.Output.Count),
            FullyConnected => new(start, start + filters + (filters * layer.WeightsPerFilter), start + filters),
            _ => new(start, start + filters, start + filters + statistics),
        };
    }

    /// <summary>Positions of a layer's biases, of its batch-norm scales (means and variances follow) and of its weights.</summary>
    internal readonly record struct Block(long Biases, long Scales, long Weights);
}
