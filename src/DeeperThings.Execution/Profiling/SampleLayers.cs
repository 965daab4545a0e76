using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;
using Convolution = DeeperThings.Models.Convolution;
using FullyConnected = DeeperThings.Models.FullyConnected;

namespace DeeperThings.Execution.Profiling;

/// <summary>
/// Parts of layers that are measured on every host: of each kind large and small maps, many and few filters and channels, so that each cost
/// (of operations, gathered floats, weights, maps) decides some of them; parts of a few positions, which wait for their weights, and parts so small that the call counts, too.
/// Their memory exceeds caches, so that all start from memory, as in a network.
/// </summary>
public static class SampleLayers
{
    private static readonly Window s_three = new(3, 1, 1, 1, 1);
    private static readonly Window s_one = new(1);

    /// <summary>The same list on every host.</summary>
    public static IReadOnlyList<LayerWork> All { get; } =
    [
        .. Both(256, 64, 26, 26), .. Both(512, 256, 13, 13), .. Both(32, 64, 76, 76), .. Both(64, 16, 56, 56), .. Both(512, 512, 4, 13),
        .. Both(128, 22, 38, 38), .. Both(256, 512, 7, 7), .. Both(16, 32, 104, 104), .. Both(128, 128, 28, 28), .. Both(64, 128, 26, 52), .. Both(384, 86, 13, 13),
        Convolve(512, 512, 2, 13, s_three, ConvolutionAlgorithm.Direct), Convolve(512, 512, 2, 7, s_three, ConvolutionAlgorithm.Direct), Convolve(256, 512, 1, 7, s_three, ConvolutionAlgorithm.Direct),
        Convolve(3, 32, 152, 152, s_three, ConvolutionAlgorithm.Direct), Convolve(3, 11, 152, 152, s_three, ConvolutionAlgorithm.Direct), Convolve(256, 384, 3, 13, s_three, ConvolutionAlgorithm.Direct),
        Convolve(3, 64, 8, 224, s_three, ConvolutionAlgorithm.Direct), Convolve(32, 64, 8, 52, s_three, ConvolutionAlgorithm.Direct),
        Convolve(171, 512, 28, 28, s_three, ConvolutionAlgorithm.Winograd), Convolve(214, 1024, 13, 13, s_three, ConvolutionAlgorithm.Winograd),
        Convolve(64, 64, 38, 224, s_three, ConvolutionAlgorithm.Winograd), Convolve(64, 64, 8, 224, s_three, ConvolutionAlgorithm.Winograd),
        Point(256, 64, 56, 56), Point(64, 32, 76, 76), Point(512, 512, 13, 13), Point(1024, 86, 13, 13), Point(512, 512, 3, 5), Point(1024, 512, 2, 7), Point(128, 22, 56, 56), Point(1024, 1000, 3, 7), Point(32, 64, 112, 112), Point(128, 64, 4, 38), Point(256, 512, 4, 14),
        Convolve(3, 64, 56, 112, new(7, 2, 1, 3, 3), ConvolutionAlgorithm.Direct), Convolve(3, 16, 56, 112, new(7, 2, 1, 3, 3), ConvolutionAlgorithm.Direct),
        Convolve(64, 128, 27, 27, new(5, 1, 1, 2, 2), ConvolutionAlgorithm.Direct), Convolve(64, 64, 28, 28, new(3, 2, 1, 1, 1), ConvolutionAlgorithm.Direct), Convolve(192, 256, 5, 13, new(5, 1, 1, 2, 2), ConvolutionAlgorithm.Direct),
        Convolve(192, 256, 2, 7, new(5, 1, 1, 2, 2), ConvolutionAlgorithm.Direct), Convolve(3, 16, 4, 56, new(7, 2, 1, 3, 3), ConvolutionAlgorithm.Direct),
        Connect(4096, 512), Connect(683, 2048), Connect(1536, 1000), Connect(9216, 170), Connect(512, 64),
        Pool(64, 112, 112, 2), Pool(256, 13, 26, 2), Pool(512, 7, 7, 2), Pool(64, 28, 28, 3), Pool(128, 28, 52, 2), Pool(512, 3, 13, 1), Pool(64, 4, 112, 2), Pool(16, 4, 208, 2),
    ];

    private static IEnumerable<LayerWork> Both(int channels, int filters, int rows, int columns) =>
        [Convolve(channels, filters, rows, columns, s_three, ConvolutionAlgorithm.Direct), Convolve(channels, filters, rows, columns, s_three, ConvolutionAlgorithm.Winograd)];

    private static LayerWork Point(int channels, int filters, int rows, int columns) => Convolve(channels, filters, rows, columns, s_one, ConvolutionAlgorithm.Direct);

    /// <param name="rows">Of the output.</param>
    /// <param name="columns">Of the output.</param>
    private static LayerWork Convolve(int channels, int filters, int rows, int columns, Window window, ConvolutionAlgorithm algorithm) => Whole(
        new Convolution
        {
            Index = 0,
            Kind = "convolutional",
            Inputs = [Network.Input],
            InputShapes = [new(channels, InputLength(rows, window), InputLength(columns, window))],
            Output = new(filters, rows, columns),
            Activation = Activation.Leaky,
            RowWindow = window,
            ColumnWindow = window,
        },
        algorithm);

    private static LayerWork Connect(int inputs, int outputs) => Whole(new FullyConnected
    {
        Index = 0,
        Kind = "connected",
        Inputs = [Network.Input],
        InputShapes = [new(inputs, 1, 1)],
        Output = new(outputs, 1, 1),
        Activation = Activation.Relu,
    });

    private static LayerWork Pool(int channels, int rows, int columns, int stride)
    {
        var window = new Window(stride == 3 ? 3 : 2, Math.Min(stride, 2));
        return Whole(new MaxPool
        {
            Index = 0,
            Kind = "maxpool",
            Inputs = [Network.Input],
            InputShapes = [new(channels, InputLength(rows, window), InputLength(columns, window))],
            Output = new(channels, rows, columns),
            RowWindow = window,
            ColumnWindow = window,
        });
    }

    private static LayerWork Whole(Layer layer, ConvolutionAlgorithm algorithm = ConvolutionAlgorithm.Direct) =>
        new(layer, Region.Whole(layer.Output), Interval.All(layer.InputShapes[0].Channels), algorithm);

    private static int InputLength(int output, Window window) => ((output - 1) * window.Stride) + window.Extent - window.PadBefore - window.PadAfter;
}
