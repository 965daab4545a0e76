namespace DeeperThings.Mpi.Tests;

/// <summary>Bytes that tell who made them.</summary>
internal static class Blob
{
    public static byte[] Of(int rank, int length) => [.. Enumerable.Range(0, length).Select(index => (byte)((rank * 31) + (index * 7) + 1))];
}
