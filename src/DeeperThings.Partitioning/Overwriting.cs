using DeeperThings.Models;

namespace DeeperThings.Partitioning;

/// <summary>
/// Which layers can be computed in the memory of one of their inputs, by the network alone: each element of the output comes from the same element of that input,
/// or all of the input is read before anything is written, and nobody reads that input afterwards. Whether a rank does it depends on what it stores.
/// </summary>
public static class Overwriting
{
    /// <summary>The input of <paramref name="layer"/> that its output can take the place of; null where there is none.</summary>
    public static int? InputOf(Network network, Layer layer)
    {
        int first = layer is Shortcut or Softmax or DetectionHead ? 0 : layer.Inputs.Length;
        for (int input = first; input < layer.Inputs.Length; input++)
        {
            if (layer.InputShapes[input] == layer.Output && IsReadLastBy(network, layer, network.Resolve(layer.Inputs[input])))
            {
                return input;
            }
        }

        return null;
    }

    private static bool IsReadLastBy(Network network, Layer layer, int producer) =>
        !network.Outputs.Contains(producer)
        && layer.Inputs.Count(input => network.Resolve(input) == producer) == 1
        && network.Layers.Skip(layer.Index + 1).All(other => other.IsIdentity || other.Inputs.All(input => network.Resolve(input) != producer));
}
