using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Bench;

/// <summary>A network in ONNX, up to its softmax or detection layers.</summary>
internal sealed class OnnxExport
{
    private readonly Network _network;
    private readonly IWeightSource _weights;
    private readonly OnnxGraph _graph = new();
    private readonly Dictionary<int, string> _names = new() { [Network.Input] = InputName };

    private OnnxExport(Network network, IWeightSource weights)
    {
        _network = network;
        _weights = weights;
    }

    public const string InputName = "input";

    /// <returns>The model's bytes and the layer that is its output.</returns>
    public static (byte[] Model, int Layer) Export(Network network, IWeightSource weights)
    {
        var export = new OnnxExport(network, weights);
        export._graph.Input(InputName, 1, network.InputShape.Channels, network.InputShape.Rows, network.InputShape.Columns);
        Layer[] layers = [.. network.Layers.Where(layer => !layer.IsIdentity && layer is not (Softmax or DetectionHead))];
        foreach (Layer layer in layers)
        {
            export._names[layer.Index] = export.Add(layer, [.. layer.Inputs.Select(input => export._names[network.Resolve(input)])]);
        }

        Layer last = layers[^1];
        long[] dimensions = last is FullyConnected ? [1, last.Output.Channels] : [1, last.Output.Channels, last.Output.Rows, last.Output.Columns];
        export._graph.Output(export._names[last.Index], dimensions);
        return (export._graph.ToModel(), last.Index);
    }

    private string Add(Layer layer, string[] inputs) => layer switch
    {
        Convolution convolution => Activate(Convolve(convolution, inputs[0]), convolution.Activation),
        FullyConnected connected => Activate(Connect(connected, inputs[0]), connected.Activation),
        MaxPool pool => _graph.Add("MaxPool", inputs, ("kernel_shape", new[] { pool.RowWindow.Size, pool.ColumnWindow.Size }), ("strides", new[] { pool.RowWindow.Stride, pool.ColumnWindow.Stride }), ("pads", Pads(pool.RowWindow, pool.ColumnWindow))),
        GlobalAveragePool => _graph.Add("GlobalAveragePool", inputs),
        Concatenate { Groups: 1 } => _graph.Add("Concat", inputs, ("axis", 1)),
        Shortcut shortcut => Activate(_graph.Add("Add", [inputs[0], Fit(shortcut, inputs[1])]), shortcut.Activation),
        Reorg reorg => Reorganise(reorg, inputs[0]),
        Crop crop => CropAndScale(crop, inputs[0]),
        _ => throw new NotSupportedException($"layer {layer.Name} is not exported"),
    };

    private string Convolve(Convolution layer, string input)
    {
        float[] filters = new float[layer.Filters * layer.WeightsPerFilter];
        for (int filter = 0; filter < layer.Filters; filter++)
        {
            _weights.ReadFilter(layer, filter, Interval.All(layer.ChannelsPerFilter), filters.AsSpan((int)(filter * layer.WeightsPerFilter), (int)layer.WeightsPerFilter));
        }

        return _graph.Add(
            "Conv",
            [input, _graph.Constant(filters, layer.Filters, layer.ChannelsPerFilter, layer.RowWindow.Size, layer.ColumnWindow.Size), Biases(layer)],
            ("kernel_shape", new[] { layer.RowWindow.Size, layer.ColumnWindow.Size }),
            ("strides", new[] { layer.RowWindow.Stride, layer.ColumnWindow.Stride }),
            ("dilations", new[] { layer.RowWindow.Dilation, layer.ColumnWindow.Dilation }),
            ("pads", Pads(layer.RowWindow, layer.ColumnWindow)),
            ("group", layer.Groups));
    }

    private string Connect(FullyConnected layer, string input)
    {
        int inputs = (int)layer.WeightsPerFilter;
        float[] rows = new float[(long)layer.Filters * inputs];
        for (int output = 0; output < layer.Filters; output++)
        {
            _weights.ReadFilter(layer, output, Interval.All(layer.ChannelsPerFilter), rows.AsSpan(output * inputs, inputs));
        }

        return _graph.Add("Gemm", [_graph.Add("Flatten", [input], ("axis", 1)), _graph.Constant(rows, layer.Filters, inputs), Biases(layer)], ("transB", 1));
    }

    private string Biases(WeightedLayer layer)
    {
        float[] biases = new float[layer.Filters];
        _weights.ReadBiases(layer, Interval.All(layer.Filters), biases);
        return _graph.Constant(biases, layer.Filters);
    }

    private string Activate(string input, Activation activation) => activation switch
    {
        Activation.Linear => input,
        Activation.Relu => _graph.Add("Relu", [input]),
        Activation.Leaky => _graph.Add("LeakyRelu", [input], ("alpha", 0.1f)),
        Activation.Logistic => _graph.Add("Sigmoid", [input]),
        _ => throw new NotSupportedException($"activation {activation} is not exported"),
    };

    /// <summary>Darknet adds what overlaps: every Stride-th position, and as many channels as both have.</summary>
    private string Fit(Shortcut layer, string from)
    {
        Shape source = layer.InputShapes[1];
        if (source == layer.Output)
        {
            return from;
        }

        int channels = Math.Min(source.Channels, layer.Output.Channels);
        string overlap = _graph.Add("Slice", [from, _graph.Constant(0, 0, 0), _graph.Constant(channels, source.Rows, source.Columns), _graph.Constant(1, 2, 3), _graph.Constant(1, layer.Stride, layer.Stride)]);
        return channels == layer.Output.Channels ? overlap : _graph.Add("Pad", [overlap, _graph.Constant(0, 0, 0, 0, 0, layer.Output.Channels - channels, 0, 0)]);
    }

    private string Reorganise(Reorg layer, string input)
    {
        Shape shape = layer.InputShapes[0];
        int stride = layer.Stride;
        string wide = _graph.Add("Reshape", [input, _graph.Constant(1, shape.Channels / (stride * stride), shape.Rows * stride, shape.Columns * stride)]);
        string deep = _graph.Add("SpaceToDepth", [wide], ("blocksize", stride));
        return _graph.Add("Reshape", [deep, _graph.Constant(1, layer.Output.Channels, layer.Output.Rows, layer.Output.Columns)]);
    }

    private string CropAndScale(Crop layer, string input)
    {
        string centre = _graph.Add("Slice", [input, _graph.Constant(layer.RowOffset, layer.ColumnOffset), _graph.Constant(layer.RowOffset + layer.Output.Rows, layer.ColumnOffset + layer.Output.Columns), _graph.Constant(2, 3)]);
        return _graph.Add("Add", [_graph.Add("Mul", [centre, _graph.Constant([layer.Scale], 1)]), _graph.Constant([layer.Shift], 1)]);
    }

    private static int[] Pads(Window rows, Window columns) => [rows.PadBefore, columns.PadBefore, rows.PadAfter, columns.PadAfter];
}
