using System.Runtime.InteropServices;

namespace DeeperThings.Tensors;

/// <summary>One native allocation, aligned to 64 bytes and zeroed, from which all tensors of a rank are cut.</summary>
public sealed unsafe class Arena : IDisposable
{
    /// <summary>Alignment of the arena and of every tensor in it, in bytes: a cache line and the widest vector.</summary>
    public const int Alignment = 64;

    private void* _memory;

    /// <exception cref="OutOfMemoryException">The system has not that much memory.</exception>
    public Arena(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = Align(bytes);
        if (Bytes > 0)
        {
            _memory = NativeMemory.AlignedAlloc((nuint)Bytes, Bytes < HugePages.Bytes ? Alignment : (nuint)HugePages.Bytes);
            HugePages.Advise(_memory, Bytes);
            NativeMemory.Clear(_memory, (nuint)Bytes);
        }
    }

    /// <summary>Bytes allocated: the requested ones, rounded up to <see cref="Alignment"/>.</summary>
    public long Bytes { get; private set; }

    /// <summary><paramref name="bytes"/> rounded up to <see cref="Alignment"/>.</summary>
    public static long Align(long bytes) => (bytes + Alignment - 1) & ~(long)(Alignment - 1);

    /// <summary>The floats at <c>[byteOffset, byteOffset + 4·count)</c>.</summary>
    public NativeBuffer Buffer(long byteOffset, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset + (count * sizeof(float)), Bytes);
        return new((float*)((byte*)_memory + byteOffset), count);
    }

    /// <summary>The feature map that stores exactly <paramref name="region"/> from <paramref name="byteOffset"/> on.</summary>
    public FeatureMap FeatureMap(long byteOffset, Region region) => new(Buffer(byteOffset, region.Count), region);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        Bytes = 0;
    }
}
