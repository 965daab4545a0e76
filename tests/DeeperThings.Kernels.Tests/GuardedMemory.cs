using System.Runtime.InteropServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Tests;

/// <summary>Buffers with a page behind and a page in front that kill the process when touched. They lie against the one behind, or against the one in front.</summary>
internal sealed unsafe partial class GuardedMemory(bool guardFront = false) : IDisposable
{
    private const int None = 0;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly List<(nint Address, nint Bytes)> _mappings = [];

    public NativeBuffer Allocate(long count)
    {
        nint page = Environment.SystemPageSize;
        nint bytes = (nint)count * sizeof(float);
        nint body = (bytes + page - 1) / page * page;
        nint address = Map(0, body + (2 * page), ReadWrite, PrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, address);
        _mappings.Add((address, body + (2 * page)));
        Assert.Equal(0, Protect(address, page, None));
        Assert.Equal(0, Protect(address + page + body, page, None));
        var buffer = new NativeBuffer((float*)(guardFront ? address + page : address + page + body - bytes), count);
        buffer.Span.Fill(float.NaN);
        return buffer;
    }

    public NativeBuffer Copy(ReadOnlySpan<float> values)
    {
        NativeBuffer buffer = Allocate(values.Length);
        values.CopyTo(buffer.Span);
        return buffer;
    }

    /// <summary>A map that stores exactly <paramref name="region"/> of the whole map's values.</summary>
    public FeatureMap Copy(float[] whole, Shape shape, Region region)
    {
        var map = new FeatureMap(Allocate(region.Count), region);
        fixed (float* data = whole)
        {
            new FeatureMap(new(data, whole.Length), Region.Whole(shape)).CopyTo(map, region);
        }

        return map;
    }

    public void Dispose()
    {
        foreach ((nint address, nint bytes) in _mappings)
        {
            _ = Unmap(address, bytes);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nint length);
}
