using System.Collections.Immutable;
using DeeperThings.Tensors;
using static DeeperThings.Models.Darknet.DarknetNetwork;

namespace DeeperThings.Models.Darknet;

internal sealed partial class DarknetNetworkBuilder
{
    private MaxPool MaxPool(CfgSection section)
    {
        int stride = section.Int("stride", 1, 1, MaxDimension);
        int size = section.Int("size", Math.Min(stride, MaxWindow), 1, MaxWindow);

        // Both sides together; half of it, rounded down, lies in front. Less than a window, so that no window lies in the padding only.
        int padding = section.Int("padding", size - 1, 0, size - 1);
        section.Refuse("stride_x", stride);
        section.Refuse("stride_y", stride);
        section.Refuse("maxpool_depth", 0);
        section.Refuse("antialiasing", 0);
        Shape from = PreviousShape;
        var window = new Window(size, stride, 1, padding / 2, padding - (padding / 2));
        return new MaxPool
        {
            Index = Index,
            Kind = "maxpool",
            Inputs = [Previous],
            InputShapes = [from],
            Output = new(from.Channels, Fit(section, window, from.Rows, "rows"), Fit(section, window, from.Columns, "columns")),
            RowWindow = window,
            ColumnWindow = window,
        };
    }

    private GlobalAveragePool AveragePool() => new()
    {
        Index = Index,
        Kind = "avgpool",
        Inputs = [Previous],
        InputShapes = [PreviousShape],
        Output = new(PreviousShape.Channels, 1, 1),
    };

    private Concatenate Route(CfgSection section)
    {
        if (!section.Has("layers"))
        {
            throw section.Error("layers is missing; the layers to concatenate are needed, e.g. layers=-1,-4");
        }

        ImmutableArray<int> inputs = [.. section.Ints("layers", -MaxDimension, MaxDimension).Select(written => Target(section, "layers", written))];
        ImmutableArray<Shape> shapes = [.. inputs.Select(ShapeOf)];
        int groups = section.Int("groups", 1, 1, MaxDimension);
        int group = section.Int("group_id", 0, 0, groups - 1);
        long channels = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            Shape shape = shapes[i];
            if (shape.Rows != shapes[0].Rows || shape.Columns != shapes[0].Columns)
            {
                throw section.Error("layers", $"layer {inputs[i]} has output {shape}, layer {inputs[0]} has {shapes[0]}; equal rows and columns are needed");
            }

            if (shape.Channels % groups != 0)
            {
                throw section.Error("groups", $"the {shape.Channels} channels of layer {inputs[i]} are not divisible by {groups}");
            }

            channels += shape.Channels / groups;
        }

        return new Concatenate
        {
            Index = Index,
            Kind = "route",
            Inputs = inputs,
            InputShapes = shapes,
            Output = new((int)Math.Min(channels, int.MaxValue), shapes[0].Rows, shapes[0].Columns),
            Groups = groups,
            Group = group,
        };
    }

    private Shortcut Shortcut(CfgSection section)
    {
        if (!section.Has("from"))
        {
            throw section.Error("from is missing; the layer to add is needed, e.g. from=-3");
        }

        int[] written = section.Ints("from", -MaxDimension, MaxDimension);
        if (written.Length != 1)
        {
            throw section.Error("from", "one layer is allowed");
        }

        if (section.Text("weights_type") is not (null or "none"))
        {
            throw section.Error("weights_type", "not supported; remove it");
        }

        int target = Target(section, "from", written[0]);
        Shape from = ShapeOf(target);
        Shape output = PreviousShape;

        // Darknet asserts the same.
        if (from.Columns / output.Columns != from.Rows / output.Rows || output.Columns / from.Columns != output.Rows / from.Rows)
        {
            throw section.Error("from", $"layer {target} has output {from}, layer {Previous} has {output}; rows and columns must differ by the same factor");
        }

        return new Shortcut
        {
            Index = Index,
            Kind = "shortcut",
            Inputs = [Previous, target],
            InputShapes = [output, from],
            Output = output,
            Activation = ActivationOf(section, Activation.Linear),
            Alpha = section.Float("alpha", 1),
            Beta = section.Float("beta", 1),
        };
    }

    private Reorg Reorg(CfgSection section)
    {
        int stride = section.Int("stride", 1, 1, MaxWindow);
        section.Refuse("reverse", 0);
        section.Refuse("flatten", 0);
        section.Refuse("extra", 0);
        Shape from = PreviousShape;
        if (from.Rows % stride != 0 || from.Columns % stride != 0 || from.Channels % ((long)stride * stride) != 0)
        {
            throw section.Error("stride", $"an input of {from} is not divisible: channels by {(long)stride * stride}, rows and columns by {stride} are needed");
        }

        long channels = (long)from.Channels * stride * stride;
        return new Reorg
        {
            Index = Index,
            Kind = "reorg",
            Inputs = [Previous],
            InputShapes = [from],
            Output = new((int)Math.Min(channels, int.MaxValue), from.Rows / stride, from.Columns / stride),
            Stride = stride,
        };
    }

    private Upsample Upsample(CfgSection section)
    {
        // Darknet reads a negative stride as a reduction.
        int stride = section.Int("stride", 2, 1, MaxWindow);
        Shape from = PreviousShape;
        return new Upsample
        {
            Index = Index,
            Kind = "upsample",
            Inputs = [Previous],
            InputShapes = [from],
            Output = new(from.Channels, from.Rows * stride, from.Columns * stride),
            Stride = stride,
            Scale = section.Float("scale", 1),
        };
    }

    private Crop Crop(CfgSection section)
    {
        Shape from = PreviousShape;
        var output = new Shape(from.Channels, section.Int("crop_height", 1, 1, MaxDimension), section.Int("crop_width", 1, 1, MaxDimension));
        if (output.Rows > from.Rows || output.Columns > from.Columns)
        {
            throw section.Error($"crop_height={output.Rows} and crop_width={output.Columns} are larger than the input {from}");
        }

        bool isAdjusted = !section.Flag("noadjust");
        return new Crop
        {
            Index = Index,
            Kind = "crop",
            Inputs = [Previous],
            InputShapes = [from],
            Output = output,
            RowOffset = (from.Rows - output.Rows) / 2,
            ColumnOffset = (from.Columns - output.Columns) / 2,
            Scale = isAdjusted ? 2 : 1,
            Shift = isAdjusted ? -1 : 0,
        };
    }

    private Softmax Softmax(CfgSection section)
    {
        section.Refuse("tree");
        section.Refuse("spatial", 0);
        Shape from = PreviousShape;
        int groups = section.Int("groups", 1, 1, MaxDimension);
        if (from.Count % groups != 0)
        {
            throw section.Error("groups", $"{from.Count} inputs are not divisible by {groups} groups");
        }

        float temperature = section.Float("temperature", 1);
        return new Softmax
        {
            Index = Index,
            Kind = "softmax",
            Inputs = [Previous],
            InputShapes = [from],
            Output = from,
            Groups = groups,
            Temperature = temperature > 0 ? temperature : throw section.Error("temperature", "a positive number is allowed"),
        };
    }
}
