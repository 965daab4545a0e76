using DeeperThings.Tensors;

namespace DeeperThings.Models;

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
