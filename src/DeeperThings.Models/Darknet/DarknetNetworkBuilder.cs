using System.Collections.Immutable;
using DeeperThings.Tensors;
using static DeeperThings.Models.Darknet.DarknetNetwork;

namespace DeeperThings.Models.Darknet;

/// <summary>Turns one section after the other into a layer, inferring and checking its shapes.</summary>
internal sealed partial class DarknetNetworkBuilder(Shape input)
{
    private const string Supported = "convolutional, connected, local, maxpool, avgpool, route, shortcut, reorg, upsample, crop, dropout, "
        + "cost, softmax, region, yolo, detection";

    private readonly List<Layer> _layers = [];
    private long _parameters;
    private long _flops;

    public ImmutableArray<Layer> Layers => [.. _layers];

    private int Index => _layers.Count;

    /// <summary>The layer before, or the network's input.</summary>
    private int Previous => Index - 1;

    private Shape PreviousShape => ShapeOf(Previous);

    /// <exception cref="ModelException">The section is not a supported layer.</exception>
    public void Add(CfgSection section)
    {
        // Parts of the weights file that Darknet would skip.
        section.Refuse("dontload", 0);
        section.Refuse("dontloadscales", 0);
        section.Refuse("numload", 0);

        Layer layer = section.Name switch
        {
            "convolutional" or "conv" => Convolutional(section),
            "connected" or "conn" => Connected(section),
            "local" => Local(section),
            "maxpool" or "max" => MaxPool(section),
            "avgpool" or "avg" => AveragePool(),
            "route" => Route(section),
            "shortcut" => Shortcut(section),
            "reorg" => Reorg(section),
            "upsample" => Upsample(section),
            "crop" => Crop(section),
            "dropout" => Same("dropout"),
            "cost" => Same("cost"),
            "softmax" or "soft" => Softmax(section),
            "region" => Region(section),
            "yolo" => Yolo(section),
            "detection" => Detection(section),
            _ => throw section.Error($"is not a supported section; allowed are {Supported}"),
        };
        Check(section, layer);
        _layers.Add(layer);
    }

    private void Check(CfgSection section, Layer layer)
    {
        Shape output = layer.Output;
        if (!IsDimension(output.Channels) || !IsDimension(output.Rows) || !IsDimension(output.Columns) || output.Count > MaxElements)
        {
            throw section.Error($"layer {Index}: output {output} is out of limits; each dimension from 1 to {MaxDimension} and at most {MaxElements} elements are allowed");
        }

        // A layer has at most 2^16 outputs x 2^31 inputs x 2^24 of window: 2^71. Int128 holds any sum of them.
        Int128 parameters = layer switch
        {
            LocallyConnected local => ((Int128)output.Count * local.ChannelsPerFilter * local.WeightsPerChannel) + output.Count,
            WeightedLayer weighted => ((Int128)output.Channels * weighted.ChannelsPerFilter * weighted.WeightsPerChannel) + (output.Channels * 4L),
            _ => 0,
        };
        if (_parameters + parameters > MaxElements)
        {
            throw section.Error($"layer {Index}: {parameters} parameters after {_parameters} before; a network may have at most {MaxElements}");
        }

        // 2^31 outputs x 2^31 parameters of a filter at most: no overflow.
        _parameters += layer.Parameters;
        _flops += layer.TotalFlops;
        if (_flops is > MaxFlops or < 0)
        {
            throw section.Error($"layer {Index}: the network has more than {MaxFlops} floating-point operations");
        }
    }

    private static bool IsDimension(int value) => value is >= 1 and <= MaxDimension;

    private Shape ShapeOf(int producer) => producer == Network.Input ? input : _layers[producer].Output;

    /// <summary>The layer that a route or shortcut names: absolute, or counted back from here if negative.</summary>
    private int Target(CfgSection section, string key, int written)
    {
        int target = written < 0 ? Index + written : written;
        if (target < 0 || target >= Index)
        {
            throw section.Error(key, Index == 0
                ? "there is no layer before layer 0"
                : $"layer {target} does not come before layer {Index}; 0 to {Index - 1} or -{Index} to -1 is allowed");
        }

        return target;
    }

    private static Activation ActivationOf(CfgSection section, Activation fallback) => section.Text("activation") switch
    {
        null => fallback,
        "linear" => Activation.Linear,
        "leaky" => Activation.Leaky,
        "relu" => Activation.Relu,
        "logistic" => Activation.Logistic,
        "loggy" => Activation.Loggy,
        "tanh" => Activation.Tanh,
        "elu" => Activation.Elu,
        "selu" => Activation.Selu,
        "relie" => Activation.Relie,
        "ramp" => Activation.Ramp,
        "hardtan" => Activation.HardTan,
        "lhtan" => Activation.LhTan,
        "plse" => Activation.Plse,
        "stair" => Activation.Stair,
        _ => throw section.Error("activation", "allowed are linear, leaky, relu, logistic, loggy, tanh, elu, selu, relie, ramp, hardtan, lhtan, plse, stair"),
    };

    private Identity Same(string kind) => new()
    {
        Index = Index,
        Kind = kind,
        Inputs = [Previous],
        InputShapes = [PreviousShape],
        Output = PreviousShape,
    };
}
