namespace DeeperThings.Tensors;

/// <summary>The window of a convolution or pooling along one axis. Padding lies outside the feature map and is never stored or sent.</summary>
/// <param name="Size">Positions that one output reads.</param>
/// <param name="Stride">Input positions between two outputs.</param>
/// <param name="Dilation">Input positions between two positions of the window.</param>
/// <param name="PadBefore">Padding in front of the first input position.</param>
/// <param name="PadAfter">Padding behind the last input position.</param>
public readonly record struct Window(int Size, int Stride = 1, int Dilation = 1, int PadBefore = 0, int PadAfter = 0)
{
    /// <summary>Input positions from the first to the last that one output reads.</summary>
    public int Extent => ((Size - 1) * Dilation) + 1;

    /// <summary>Output positions over an input of <paramref name="input"/> positions; not positive when the window does not fit.</summary>
    public int OutputLength(int input)
    {
        int room = input + PadBefore + PadAfter - Extent;
        return room < 0 ? 0 : (room / Stride) + 1;
    }

    /// <summary>What <paramref name="output"/> reads. Positions outside the input are padding.</summary>
    public Interval ReceptiveField(Interval output) => output.IsEmpty
        ? default
        : new((output.Start * Stride) - PadBefore, ((output.End - 1) * Stride) - PadBefore + Extent);
}
