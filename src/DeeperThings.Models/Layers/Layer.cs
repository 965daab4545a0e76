using System.Collections.Immutable;
using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>
/// One operation of the network, with inferred shapes. A layer knows its geometry (what each part of its output reads), its
/// size and its cost; it holds no weights.
/// </summary>
public abstract record Layer
{
    /// <summary>Position in the network, numbered from 0 as in Darknet's cfg files.</summary>
    public required int Index { get; init; }

    /// <summary>The model format's word for this kind of layer, e.g. <c>convolutional</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Producers of the inputs: layer indices, or <see cref="Network.Input"/>.</summary>
    public required ImmutableArray<int> Inputs { get; init; }

    public required ImmutableArray<Shape> InputShapes { get; init; }

    public required Shape Output { get; init; }

    /// <summary>For messages and tables, e.g. <c>12 conv 3x3/1</c>.</summary>
    public string Name => Window.Length == 0 ? $"{Index} {Kind}" : $"{Index} {Kind} {Window}";

    /// <summary>Window and stride for tables, e.g. <c>3x3/2</c>; empty where there is none.</summary>
    public virtual string Window => string.Empty;

    /// <summary>Trainable parameters in the weights file.</summary>
    public virtual long Parameters => 0;

    /// <summary>Whether an output tile reads only the rows and columns around it.</summary>
    public virtual bool IsSpatiallyLocal => true;

    /// <summary>Whether output channels can be computed independently of each other.</summary>
    public virtual bool SplitsOutputChannels => true;

    /// <summary>Whether the output is a sum over input channels that may be split over ranks.</summary>
    public virtual bool SumsOverInputChannels => false;

    /// <summary>Whether the layer only renames its input's memory (dropout at inference, cost, a route of one layer).</summary>
    public virtual bool IsIdentity => false;

    /// <summary>Floating-point operations (2 × multiply-adds) to compute <paramref name="output"/> from <paramref name="inputChannels"/> input channels of each group.</summary>
    public virtual long Flops(Region output, int inputChannels) => 0;

    /// <summary>Floating-point operations of the whole layer.</summary>
    public long TotalFlops => Flops(Region.Whole(Output), InputShapes[0].Channels / GroupCount);

    /// <summary>Groups of a convolution; 1 elsewhere.</summary>
    public virtual int GroupCount => 1;

    /// <summary>The region of input number <paramref name="input"/> that <paramref name="output"/> reads, without padding.</summary>
    public Region ReceptiveField(int input, Region output)
    {
        if (output.IsEmpty)
        {
            return Region.Empty;
        }

        return Reads(input, output).Intersect(Region.Whole(InputShapes[input]));
    }

    /// <summary>As <see cref="ReceptiveField"/> for a region that is not empty; may reach outside the input.</summary>
    protected virtual Region Reads(int input, Region output) => output;
}
