using System.Collections.Immutable;
using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>Maximum over a window; padding never wins.</summary>
public sealed record MaxPool : Layer
{
    public required Window RowWindow { get; init; }

    public required Window ColumnWindow { get; init; }

    public override string Window => $"{RowWindow.Size}x{ColumnWindow.Size}/{RowWindow.Stride}";

    public override long Flops(Region output, int inputChannels) => checked(output.Count * RowWindow.Size * ColumnWindow.Size);

    protected override Region Reads(int input, Region output) =>
        new(output.Channels, RowWindow.ReceptiveField(output.Rows), ColumnWindow.ReceptiveField(output.Columns));
}

/// <summary>Mean of each channel (Darknet's <c>avgpool</c>); the output is channels × 1 × 1.</summary>
public sealed record GlobalAveragePool : Layer
{
    public override bool IsSpatiallyLocal => false;

    public override long Flops(Region output, int inputChannels) =>
        (long)output.Channels.Length * InputShapes[0].Rows * InputShapes[0].Columns;

    protected override Region Reads(int input, Region output) => Region.Whole(InputShapes[0]) with { Channels = output.Channels };
}

/// <summary>
/// Inputs one after the other along the channels (Darknet's <c>route</c>). With <see cref="Groups"/> &gt; 1 only part
/// <see cref="Group"/> of each input's channels is taken.
/// </summary>
public sealed record Concatenate : Layer
{
    public int Groups { get; init; } = 1;

    public int Group { get; init; }

    public override bool IsIdentity => Inputs.Length == 1 && Groups == 1;

    /// <summary>The channels of input <paramref name="input"/> that are taken.</summary>
    public Interval Taken(int input)
    {
        int count = InputShapes[input].Channels / Groups;
        return new(Group * count, (Group + 1) * count);
    }

    /// <summary>Output channel minus input channel for input <paramref name="input"/>.</summary>
    public int ChannelOffset(int input)
    {
        int start = 0;
        for (int i = 0; i < input; i++)
        {
            start += Taken(i).Length;
        }

        return start - Taken(input).Start;
    }

    protected override Region Reads(int input, Region output)
    {
        Interval channels = output.Channels.Shift(-ChannelOffset(input)).Intersect(Taken(input));
        return output with { Channels = channels };
    }
}

/// <summary>
/// Darknet's <c>shortcut</c>: <c>activation(Alpha·input + Beta·from)</c> where the two overlap, <c>activation(input)</c> elsewhere. Input 0 is the
/// previous layer; input 1 the <c>from</c> layer, read with a stride (or written with one) where its size differs.
/// </summary>
public sealed record Shortcut : Layer
{
    public float Alpha { get; init; } = 1;

    public float Beta { get; init; } = 1;

    public required Activation Activation { get; init; }

    /// <summary>From-positions per output position.</summary>
    public int Stride => Math.Max(1, InputShapes[1].Columns / Output.Columns);

    /// <summary>Output positions per from-position.</summary>
    public int Sample => Math.Max(1, Output.Columns / InputShapes[1].Columns);

    public override long Flops(Region output, int inputChannels) => 2 * output.Count;

    protected override Region Reads(int input, Region output) => input == 0
        ? output
        : new(output.Channels, FromPositions(output.Rows), FromPositions(output.Columns));

    private Interval FromPositions(Interval output)
    {
        int first = (output.Start + Sample - 1) / Sample;
        int last = (output.End - 1) / Sample;
        return first > last ? default : new(first * Stride, (last * Stride) + 1);
    }
}

/// <summary>Darknet's <c>reorg</c> without <c>reverse</c>: reads the memory of a C×H×W map as C/s² × sH × sW, so every output region needs the whole input.</summary>
public sealed record Reorg : Layer
{
    public required int Stride { get; init; }

    public override string Window => $"/{Stride}";

    public override bool IsSpatiallyLocal => false;

    protected override Region Reads(int input, Region output) => Region.Whole(InputShapes[0]);
}

/// <summary>Nearest-neighbour enlargement, times <see cref="Scale"/>.</summary>
public sealed record Upsample : Layer
{
    public required int Stride { get; init; }

    public float Scale { get; init; } = 1;

    public override string Window => $"x{Stride}";

    protected override Region Reads(int input, Region output) => new(output.Channels, Source(output.Rows), Source(output.Columns));

    private Interval Source(Interval output) => new(output.Start / Stride, ((output.End - 1) / Stride) + 1);
}

/// <summary>Darknet's <c>crop</c> at inference: the centre of the input, times <see cref="Scale"/> plus <see cref="Shift"/>.</summary>
public sealed record Crop : Layer
{
    public required int RowOffset { get; init; }

    public required int ColumnOffset { get; init; }

    public required float Scale { get; init; }

    public required float Shift { get; init; }

    protected override Region Reads(int input, Region output) =>
        new(output.Channels, output.Rows.Shift(RowOffset), output.Columns.Shift(ColumnOffset));
}

/// <summary>Nothing at inference: Darknet's <c>dropout</c> and <c>cost</c>.</summary>
public sealed record Identity : Layer
{
    public override bool IsIdentity => true;
}

/// <summary>Softmax over each of <see cref="Groups"/> equal parts of the flattened input.</summary>
public sealed record Softmax : Layer
{
    public int Groups { get; init; } = 1;

    public float Temperature { get; init; } = 1;

    public override bool IsSpatiallyLocal => false;

    public override bool SplitsOutputChannels => false;

    protected override Region Reads(int input, Region output) => Region.Whole(InputShapes[0]);
}

/// <summary>A layer that turns the last feature map into boxes; it runs on one rank, the root.</summary>
public abstract record DetectionHead : Layer
{
    public required int Classes { get; init; }

    public override bool IsSpatiallyLocal => false;

    public override bool SplitsOutputChannels => false;

    protected override Region Reads(int input, Region output) => Region.Whole(InputShapes[0]);
}

/// <summary>YOLOv2's <c>region</c>: per anchor x, y, w, h, objectness, classes; each a plane of rows × columns.</summary>
public sealed record RegionHead : DetectionHead
{
    /// <summary>Width and height of each anchor, in cells.</summary>
    public required ImmutableArray<(float Width, float Height)> Anchors { get; init; }

    public int Coordinates { get; init; } = 4;

    /// <summary>Softmax over the classes; otherwise logistic.</summary>
    public bool Softmax { get; init; }

    /// <summary>Objectness left as it is, as a background class in the softmax.</summary>
    public bool Background { get; init; }
}

/// <summary>YOLOv3's <c>yolo</c>: as <see cref="RegionHead"/>, with logistic classes and anchors in pixels of the network's input.</summary>
public sealed record YoloHead : DetectionHead
{
    /// <summary>Width and height of the anchors of this head (Darknet's <c>mask</c> applied), in pixels of the network's input.</summary>
    public required ImmutableArray<(float Width, float Height)> Anchors { get; init; }
}

/// <summary>YOLOv1's <c>detection</c>: a vector of class probabilities per cell, then confidences, then boxes.</summary>
public sealed record GridHead : DetectionHead
{
    /// <summary>Cells along each side.</summary>
    public required int Side { get; init; }

    /// <summary>Boxes per cell.</summary>
    public required int Boxes { get; init; }

    public int Coordinates { get; init; } = 4;

    /// <summary>Whether width and height are stored as square roots.</summary>
    public bool SquareRoots { get; init; }

    /// <summary>Softmax over the classes of each cell.</summary>
    public bool Softmax { get; init; }
}
