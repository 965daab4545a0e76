using DeeperThings.Models;

namespace DeeperThings.Planning.Paper;

/// <summary>What the paper's programs know of a layer.</summary>
/// <param name="InputElements">M</param>
/// <param name="OutputElements">K</param>
/// <param name="Weights">W, without biases.</param>
/// <param name="IsConvolution">Other layers break chains, move nothing and count nothing.</param>
public sealed record PaperLayer(long InputElements, long OutputElements, long Weights, bool IsConvolution)
{
    /// <summary>
    /// The layers of <paramref name="network"/> as in the paper: a chain that ends before the first fully-connected layer. The paper looks at
    /// VGG-16 and AlexNet without those.
    /// </summary>
    public static IReadOnlyList<PaperLayer> Of(Network network) =>
        [.. network.Layers.TakeWhile(layer => layer is not FullyConnected).Select(Of)];

    private static PaperLayer Of(Layer layer) => layer is Convolution convolution
        ? new(layer.InputShapes[0].Count, layer.Output.Count, convolution.Filters * convolution.WeightsPerFilter, true)
        : new(layer.InputShapes.Sum(shape => shape.Count), layer.Output.Count, 0, false);
}
