using DeeperThings.Clusters;
using DeeperThings.Planning.Simulation;

namespace DeeperThings.Planning.Tests;

public sealed class SharedLinksLaws
{
    [Fact]
    public void Every_message_arrives_and_the_busiest_link_is_the_bound()
    {
        var random = new Random(11);
        for (int trial = 0; trial < 200; trial++)
        {
            int ranks = random.Next(2, 7);
            ClusterProfile cluster = TestClusters.Random(random, ranks);
            Flight[] flights = [.. Enumerable.Range(0, random.Next(1, 20)).Select(tag => Message(random, ranks, tag))];
            List<(Flight Flight, double Time)> arrived = Send(cluster, flights);
            Assert.Equal(flights.Order(Comparer<Flight>.Create((a, b) => a.Tag - b.Tag)), arrived.Select(arrival => arrival.Flight).OrderBy(flight => flight.Tag));
            double end = arrived[^1].Time;
            for (int rank = 0; rank < ranks; rank++)
            {
                Assert.True(end >= cluster.Hosts[rank].LinkSeconds(flights.Where(flight => flight.From == rank).Sum(flight => flight.Bytes), flights.Where(flight => flight.To == rank).Sum(flight => flight.Bytes)) * (1 - 1e-5));
            }

            Assert.True(end <= flights.Sum(flight => Math.Max(cluster.Hosts[flight.From].LinkSeconds(flight.Bytes, 0), cluster.Hosts[flight.To].LinkSeconds(0, flight.Bytes))) * (1 + 1e-5));
        }
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(2.0, 1)]
    [InlineData(1.25, 1.6)]
    [InlineData(1.0, 2)]
    public void All_to_all_on_equal_links_keeps_every_link_busy(double? duplex, double timesLonger)
    {
        const int Ranks = 6;
        const long Bytes = 1_000_000;
        HostProfile host = ClusterProfile.Default(1).Hosts[0] with { Duplex = duplex };
        Flight[] flights = [.. from rank in Enumerable.Range(0, Ranks) from peer in Enumerable.Range(0, Ranks) where rank != peer select new Flight(rank, peer, (rank * Ranks) + peer, Bytes, Bytes)];
        Assert.Equal(timesLonger * (Ranks - 1) * Bytes / host.LinkBytesPerSecond, Send(ClusterProfile.Uniform("equal", Ranks, host), flights)[^1].Time, 1e-6);
    }

    [Fact]
    public void A_root_sends_and_receives_at_rates_of_their_own()
    {
        const int Ranks = 4;
        const long Bytes = 1_000_000;
        ClusterProfile cluster = ClusterProfile.Uniform("equal", Ranks, ClusterProfile.Default(1).Hosts[0] with { LinkBytesPerSecond = 1e6, ReceiveBytesPerSecond = 3e6, Duplex = 1 });
        Assert.Equal(3, Send(cluster, Enumerable.Range(1, Ranks - 1).Select(peer => new Flight(0, peer, peer, Bytes, Bytes)))[^1].Time, 1e-6);
        Assert.Equal(1, Send(cluster, Enumerable.Range(1, Ranks - 1).Select(peer => new Flight(peer, 0, peer, Bytes, Bytes)))[^1].Time, 1e-6);
    }

    private static Flight Message(Random random, int ranks, int tag)
    {
        int from = random.Next(ranks);
        return new(from, (from + random.Next(1, ranks)) % ranks, tag, random.Next(1, 1_000_000), PackedBytes: 0);
    }

    private static List<(Flight Flight, double Time)> Send(ClusterProfile cluster, IEnumerable<Flight> flights)
    {
        var links = new SharedLinks(cluster);
        foreach (Flight flight in flights)
        {
            links.Start(flight);
        }

        var arrived = new List<(Flight Flight, double Time)>();
        while (double.IsFinite(links.NextArrival))
        {
            double next = links.NextArrival;
            arrived.AddRange(links.AdvanceTo(next).Select(flight => (flight, next)));
        }

        return arrived;
    }
}
