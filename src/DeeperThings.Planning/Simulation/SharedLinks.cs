using DeeperThings.Clusters;

namespace DeeperThings.Planning.Simulation;

/// <summary>A message between two ranks.</summary>
/// <param name="Tag">Of its exchange.</param>
/// <param name="MapBytes">Of the float32 map that it is packed from and unpacked into.</param>
internal readonly record struct Flight(int From, int To, int Tag, long Bytes, long MapBytes);

/// <summary>
/// Messages on their way. Those that are on the way at the same time share the links of their senders and receivers, each with the same rate in each direction, max-min fair:
/// as connections do that run long enough to find their share.
/// </summary>
/// <param name="cluster">Rates of the links.</param>
internal sealed class SharedLinks(ClusterProfile cluster)
{
    // What is left of a message by rounding alone.
    private const double Nothing = 1e-6;

    private readonly List<Moving> _moving = [];

    private sealed class Moving(Flight flight)
    {
        public Flight Flight { get; } = flight;

        public double Left { get; set; } = flight.Bytes;

        public double BytesPerSecond { get; set; }
    }

    public double Now { get; private set; }

    /// <summary>When the next message has arrived if none starts before; never if there is none.</summary>
    public double NextArrival => _moving.Count == 0 ? double.PositiveInfinity : Now + _moving.Min(message => message.Left / message.BytesPerSecond);

    public bool IsBusy(int rank) => _moving.Exists(message => message.Flight.From == rank || message.Flight.To == rank);

    /// <summary>Starts a message now.</summary>
    public void Start(Flight flight)
    {
        _moving.Add(new(flight));
        Share();
    }

    /// <returns>Messages that have arrived by then.</returns>
    /// <param name="time">Not after <see cref="NextArrival"/>.</param>
    public List<Flight> AdvanceTo(double time)
    {
        var arrived = new List<Flight>();
        foreach (Moving message in _moving)
        {
            message.Left -= message.BytesPerSecond * (time - Now);
            if (message.Left <= Nothing * message.Flight.Bytes)
            {
                arrived.Add(message.Flight);
            }
        }

        Now = time;
        if (arrived.Count > 0)
        {
            _moving.RemoveAll(message => message.Left <= Nothing * message.Flight.Bytes);
            Share();
        }

        return arrived;
    }

    /// <summary>The link that has least for each of its messages gives them that; what they leave of their other links is shared among the others.</summary>
    private void Share()
    {
        int ranks = cluster.Hosts.Length;
        double[] free = [.. cluster.Hosts.Concat(cluster.Hosts).Select(host => host.LinkBytesPerSecond)];
        int[] waiting = new int[2 * ranks];
        foreach (Moving message in _moving)
        {
            waiting[message.Flight.From]++;
            waiting[ranks + message.Flight.To]++;
        }

        List<Moving> left = [.. _moving];
        while (left.Count > 0)
        {
            int narrowest = Enumerable.Range(0, 2 * ranks).Where(link => waiting[link] > 0).MinBy(link => free[link] / waiting[link]);
            double share = Math.Max(0, free[narrowest] / waiting[narrowest]);
            foreach (Moving message in left.Where(message => message.Flight.From == narrowest || ranks + message.Flight.To == narrowest))
            {
                message.BytesPerSecond = share;
                foreach (int link in (ReadOnlySpan<int>)[message.Flight.From, ranks + message.Flight.To])
                {
                    free[link] -= share;
                    waiting[link]--;
                }
            }

            left.RemoveAll(message => message.Flight.From == narrowest || ranks + message.Flight.To == narrowest);
        }
    }
}
