using DeeperThings.Clusters;

namespace DeeperThings.Planning.Simulation;

/// <summary>A message between two ranks.</summary>
/// <param name="Tag">Of its exchange.</param>
/// <param name="PackedBytes">Of the float32 map that it is packed from; 0 where it is sent from its place in the map.</param>
internal readonly record struct Flight(int From, int To, int Tag, long Bytes, long PackedBytes);

/// <summary>
/// Messages on their way. Those that are on the way at the same time share the links of their senders and receivers, in each direction and in both together (<see cref="HostProfile.Duplex"/>),
/// max-min fair: as connections do that run long enough to find their share.
/// </summary>
/// <param name="cluster">Rates of the links.</param>
internal sealed class SharedLinks(ClusterProfile cluster)
{
    // What is left of a message by rounding alone.
    private const double Nothing = 1e-6;

    private readonly List<Moving> _moving = [];

    /// <summary>Seconds of a second: of each host's sending, receiving, and both.</summary>
    private readonly double[] _capacities = [.. Enumerable.Repeat(1.0, 2 * cluster.Hosts.Length), .. cluster.Hosts.Select(host => host.Duplex ?? 2)];

    /// <summary>How long a byte keeps one direction of a link, or both together.</summary>
    private readonly record struct Use(int Link, double SecondsPerByte);

    private sealed class Moving(Flight flight, List<Use> uses)
    {
        public Flight Flight { get; } = flight;

        public List<Use> Uses { get; } = uses;

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
        _moving.Add(new(flight, UsesOf(flight)));
        Share();
    }

    /// <returns>Messages that have arrived by then.</returns>
    /// <param name="time">Not after <see cref="NextArrival"/>.</param>
    public List<Flight> AdvanceTo(double time)
    {
        var arrived = new List<Flight>();
        foreach (Moving message in _moving)
        {
            // A little may be left of the next one, for less than the clock's least tick.
            bool isNext = Now + (message.Left / message.BytesPerSecond) <= time;
            message.Left = isNext ? 0 : message.Left - (message.BytesPerSecond * (time - Now));
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
        double[] free = [.. _capacities];
        double[] secondsPerByte = new double[free.Length];
        int[] waiting = new int[free.Length];
        foreach (Use use in _moving.SelectMany(message => message.Uses))
        {
            secondsPerByte[use.Link] += use.SecondsPerByte;
            waiting[use.Link]++;
        }

        List<Moving> left = [.. _moving];
        while (left.Count > 0)
        {
            int narrowest = Enumerable.Range(0, free.Length).Where(link => waiting[link] > 0).MinBy(link => free[link] / secondsPerByte[link]);
            double share = Math.Max(0, free[narrowest] / secondsPerByte[narrowest]);
            List<Moving> served = left.FindAll(message => message.Uses.Exists(use => use.Link == narrowest));
            foreach (Moving message in served)
            {
                message.BytesPerSecond = share;
                foreach (Use use in message.Uses)
                {
                    free[use.Link] -= share * use.SecondsPerByte;
                    secondsPerByte[use.Link] -= use.SecondsPerByte;
                    waiting[use.Link]--;
                }
            }

            left.RemoveAll(served.Contains);
        }
    }

    private List<Use> UsesOf(Flight flight)
    {
        int ranks = cluster.Hosts.Length;
        double sending = cluster.Hosts[flight.From].LinkSeconds(1, 0);
        double receiving = cluster.Hosts[flight.To].LinkSeconds(0, 1);
        return [new(flight.From, sending), new(ranks + flight.To, receiving), new((2 * ranks) + flight.From, sending), new((2 * ranks) + flight.To, receiving)];
    }
}
