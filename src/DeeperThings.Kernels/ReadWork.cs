using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Reads memory from end to end; a piece of the work is 256 KB. See <see cref="Roofline"/>.</summary>
internal readonly unsafe struct ReadWork(NativeBuffer buffer) : IWork
{
    private const int PieceFloats = 64 * 1024;

    private readonly float* _data = buffer.Data;

    public int Pieces { get; } = (int)(buffer.Count / PieceFloats);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Invoke(int index)
    {
        Vector256<float> a = Vector256<float>.Zero, b = a, c = a, d = a, e = a, f = a, g = a, h = a;
        float* source = _data + ((long)index * PieceFloats);
        for (int i = 0; i < PieceFloats; i += 64)
        {
            a += Vector256.Load(source + i);
            b += Vector256.Load(source + i + 8);
            c += Vector256.Load(source + i + 16);
            d += Vector256.Load(source + i + 24);
            e += Vector256.Load(source + i + 32);
            f += Vector256.Load(source + i + 40);
            g += Vector256.Load(source + i + 48);
            h += Vector256.Load(source + i + 56);
        }

        // What is read must matter, or it is not read.
        source[0] = (a + b + c + d + (e + f + g + h))[0] == 0 ? 0 : source[0];
    }
}
