using DeeperThings.Tensors;

namespace DeeperThings.Models;

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
