namespace DeeperThings.Tensors;

/// <summary>A run of floats in native memory that outlives any call; it may be handed to nonblocking communication. It owns nothing.</summary>
public readonly unsafe struct NativeBuffer(float* data, long count)
{
    public float* Data { get; } = data;

    /// <summary>Number of floats.</summary>
    public long Count { get; } = count;

    public bool IsEmpty => Count == 0;

    /// <exception cref="OverflowException">More than 2³¹ - 1 floats.</exception>
    public Span<float> Span => new(Data, checked((int)Count));

    public NativeBuffer Slice(long start, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, Count);
        return new(Data + start, count);
    }
}
