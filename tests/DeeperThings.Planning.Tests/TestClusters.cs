using DeeperThings.Clusters;

namespace DeeperThings.Planning.Tests;

internal static class TestClusters
{
    /// <summary>Slow devices for small networks, so that computing and moving cost about the same.</summary>
    public static HostProfile Host(double speed = 1, double link = 1, double latencySeconds = 1e-4, long memoryBytes = 1L << 40, double? receive = null, double? duplex = null) => new()
    {
        Name = "test",
        FlopsPerSecond = KindSpeeds.Uniform(4e7 * speed),
        MemoryBytes = memoryBytes,
        MemoryBytesPerSecond = 2e7 * speed,
        LinkBytesPerSecond = 1e6 * link,
        ReceiveBytesPerSecond = 1e6 * receive,
        Duplex = duplex,
        LatencySeconds = latencySeconds,
    };

    public static ClusterProfile Of(params HostProfile[] hosts) => new() { Name = "test", Hosts = [.. hosts] };

    public static ClusterProfile Random(Random random, int ranks)
    {
        bool isUneven = random.Next(2) == 0;
        double link = Math.Pow(10, (random.NextDouble() * 3) - 1);
        double latency = random.Next(3) * 1e-4;
        double? duplex = random.Next(3) == 0 ? 1 + random.NextDouble() : null;
        return Of([.. Enumerable.Range(0, ranks).Select(_ => isUneven
            ? Host(random.Next(1, 5), link * random.Next(1, 3), latency, (1L << 40) + random.Next(2), link * random.Next(1, 3), duplex)
            : Host(1, link, latency, duplex: duplex))]);
    }
}
