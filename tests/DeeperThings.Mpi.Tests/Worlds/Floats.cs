using DeeperThings.Tensors;

namespace DeeperThings.Mpi.Tests;

/// <summary>Native memory with values that tell who wrote them.</summary>
internal sealed class Floats(long count) : IDisposable
{
    private readonly Arena _arena = new(count * sizeof(float));

    public NativeBuffer Buffer => _arena.Buffer(0, count);

    /// <summary>What the rank <paramref name="source"/> sends to <paramref name="destination"/>.</summary>
    public static Floats From(int source, int destination, long count)
    {
        var floats = new Floats(count);
        Span<float> values = floats.Buffer.Span;
        for (int index = 0; index < values.Length; index++)
        {
            values[index] = Value(source, destination, index);
        }

        return floats;
    }

    public void AssertFrom(int source, int destination)
    {
        Span<float> values = Buffer.Span;
        for (int index = 0; index < values.Length; index++)
        {
            if (values[index] != Value(source, destination, index))
            {
                Assert.Fail($"float {index} of {count} from rank {source} to rank {destination} is {values[index]}");
            }
        }
    }

    public void Dispose() => _arena.Dispose();

    private static float Value(int source, int destination, int index) => (index % 65_521) + ((source + 1) * 100_000) + ((destination + 1) * 1_000_000);
}
