namespace DeeperThings.Tensors;

/// <summary>Size of a feature map: channels × rows × columns.</summary>
public readonly record struct Shape(int Channels, int Rows, int Columns)
{
    /// <summary>Number of elements, in 64 bits.</summary>
    public long Count => (long)Channels * Rows * Columns;

    public override string ToString() => $"{Channels}x{Rows}x{Columns}";
}
