using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;
using Convolution = DeeperThings.Models.Convolution;
using FullyConnected = DeeperThings.Models.FullyConnected;
using LocallyConnected = DeeperThings.Models.LocallyConnected;

namespace DeeperThings.Execution;

/// <content>Layers to kernels.</content>
public sealed partial class Executor
{
    private void Compute(ComputeStep step)
    {
        FeatureMap input = _memory.Map(step.Inputs[0]);
        FeatureMap output = _memory.Map(step.Output);
        Region region = step.Region;
        switch (_network.Layers[step.Layer])
        {
            case Convolution layer:
                Convolve(layer, step, input, output);
                break;
            case FullyConnected layer:
                Connect(layer, step, input, output);
                break;
            case LocallyConnected layer:
                Connect(layer, step, input, output);
                break;
            case MaxPool layer:
                Pooling.Max(layer.RowWindow, layer.ColumnWindow, layer.InputShapes[0], input, output, region, _workers);
                break;
            case GlobalAveragePool:
                Pooling.GlobalAverage(input, output, region, _workers);
                break;
            case Concatenate layer:
                Concatenate(layer, step, output);
                break;
            case Shortcut layer:
                Elementwise.Shortcut(
                    input, _memory.Map(step.Inputs[1]), layer.InputShapes[1], layer.Output, layer.Alpha, layer.Beta, layer.Activation, output, region, _workers);
                break;
            case Models.Reorg layer:
                Kernels.Reorg.Run(input, layer.InputShapes[0], layer.Stride, output, region);
                break;
            case Upsample layer:
                Elementwise.Upsample(input, output, region, layer.Stride, layer.Scale, _workers);
                break;
            case Crop layer:
                Elementwise.Crop(input, output, region, layer.RowOffset, layer.ColumnOffset, layer.Scale, layer.Shift);
                break;
            case Softmax layer:
                Softmax(layer, input, output);
                break;
            case DetectionHead head:
                input.CopyTo(output, region);
                Heads.Activate(head, output.Slice(region));
                break;
            case Layer layer:
                throw new NotSupportedException($"no kernel for layer {layer.Name}");
        }

        Round(step, output, region);
    }

    private void Convolve(Convolution layer, ComputeStep step, FeatureMap input, FeatureMap output) => Kernels.Convolution.Run(
        new()
        {
            Shape = layer.KernelShape(step.Algorithm, step.Workspace, step.Weights.Type),
            InputShape = layer.InputShapes[0],
            Input = input,
            Channels = step.Channels,
            Packed = _memory.Weights(step.Weights.Packed),
            Bias = _memory.Weights(step.Weights.Biases),
            Activation = step.IsPartial ? Activation.Linear : layer.Activation,
            Output = output,
            Region = step.Region,
            Scratch = _memory.Floats(step.Scratch),
        },
        _workers);

    private void Connect(FullyConnected layer, ComputeStep step, FeatureMap input, FeatureMap output)
    {
        Region inputs = Region.Whole(layer.InputShapes[0]) with { Channels = step.Channels };
        Kernels.FullyConnected.Run(
            new()
            {
                Inputs = layer.FlatInputs(step.Channels),
                Input = input.Slice(inputs),
                Packed = _memory.Weights(step.Weights.Packed),
                WeightType = step.Weights.Type,
                Bias = _memory.Weights(step.Weights.Biases),
                Activation = step.IsPartial ? Activation.Linear : layer.Activation,
                Outputs = step.Region.Channels,
                Output = output.Slice(step.Region),
            },
            _workers);
    }

    private void Connect(LocallyConnected layer, ComputeStep step, FeatureMap input, FeatureMap output) => Kernels.LocallyConnected.Run(
        new()
        {
            Shape = layer.KernelShape(step.Weights.Type),
            InputShape = layer.InputShapes[0],
            Input = input,
            Packed = _memory.Weights(step.Weights.Packed),
            Bias = _memory.Weights(step.Weights.Biases),
            Activation = layer.Activation,
            Output = output,
            Region = step.Region,
            Scratch = _memory.Floats(step.Scratch),
        },
        _workers);

    private void Concatenate(Concatenate layer, ComputeStep step, FeatureMap output)
    {
        for (int i = 0; i < step.Inputs.Length; i++)
        {
            Region taken = layer.ReceptiveField(i, step.Region);
            if (!taken.IsEmpty)
            {
                int offset = layer.ChannelOffset(i);
                _memory.Map(step.Inputs[i]).ShiftChannels(offset).CopyTo(output, taken.ShiftChannels(offset));
            }
        }
    }

    private static void Softmax(Softmax layer, FeatureMap input, FeatureMap output)
    {
        Region whole = Region.Whole(layer.Output);
        NativeBuffer from = input.Slice(whole);
        NativeBuffer to = output.Slice(whole);
        int count = checked((int)(whole.Count / layer.Groups));
        for (int group = 0; group < layer.Groups; group++)
        {
            Elementwise.Softmax(from.Slice((long)group * count, count), to.Slice((long)group * count, count), count, 1, layer.Temperature);
        }
    }
}
