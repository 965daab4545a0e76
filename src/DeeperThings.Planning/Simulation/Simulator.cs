using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;

namespace DeeperThings.Planning.Simulation;

/// <summary>
/// Predicts when each rank does what, from the same programs that the ranks execute. A rank takes its steps one after the other. It packs the messages of an exchange and sends each
/// at once, whether or not the receiver has come to that exchange; it goes on when its messages have left and those for it have arrived and are unpacked.
/// Messages on the way share the links (<see cref="SharedLinks"/>).
/// </summary>
public sealed class Simulator
{
    private readonly Network _network;
    private readonly ClusterProfile _cluster;
    private readonly SharedLinks _links;
    private readonly SimulatedRank[] _ranks;

    /// <summary>When a message is packed and starts, and when a rank has packed all of an exchange (no message).</summary>
    private readonly PriorityQueue<(int Rank, Flight? Message), double> _packed = new();

    /// <summary>Messages of each exchange for each rank.</summary>
    private readonly ILookup<(int Rank, int Tag), Flight> _expected;
    private readonly Dictionary<(int Rank, int Tag), int> _arrived = [];

    private Simulator(Network network, IReadOnlyList<RankProgram> programs, ClusterProfile cluster)
    {
        _network = network;
        _cluster = cluster;
        _links = new(cluster);
        _ranks = [.. programs.Select((program, rank) => new SimulatedRank(rank, program.Steps))];
        _expected = _ranks.SelectMany(rank => rank.Steps.SelectMany(step => SendsOf(rank.Rank, step))).ToLookup(flight => (flight.To, flight.Tag));
    }

    /// <exception cref="PlanException">The cluster has fewer hosts than the plan has ranks.</exception>
    public static SimulatedRun Run(Network network, IReadOnlyList<RankProgram> programs, ClusterProfile cluster) =>
        new Simulator(network, programs, cluster.ForRanks(programs.Count)).Run();

    /// <inheritdoc cref="Run(Network, IReadOnlyList{RankProgram}, ClusterProfile)"/>
    public static SimulatedRun Run(Network network, Plan plan, ClusterProfile cluster) =>
        Run(network, plan.ProgramsFor(network), cluster);

    private SimulatedRun Run()
    {
        foreach (SimulatedRank rank in _ranks)
        {
            GoOn(rank);
        }

        while (true)
        {
            double packed = _packed.TryPeek(out _, out double time) ? time : double.PositiveInfinity;
            double next = Math.Min(packed, _links.NextArrival);
            if (double.IsPositiveInfinity(next))
            {
                break;
            }

            foreach (SimulatedRank rank in _ranks)
            {
                rank.PassTime(_links.Now, next, _links.IsBusy(rank.Rank));
            }

            var concerned = new HashSet<int>();
            foreach (Flight flight in _links.AdvanceTo(next))
            {
                _arrived[(flight.To, flight.Tag)] = _arrived.GetValueOrDefault((flight.To, flight.Tag)) + 1;
                _ranks[flight.From].Unsent--;
                concerned.UnionWith([flight.From, flight.To]);
            }

            while (_packed.TryPeek(out (int Rank, Flight? Message) packing, out time) && time <= next)
            {
                _packed.Dequeue();
                concerned.Add(packing.Rank);
                if (packing.Message is { } flight)
                {
                    _links.Start(flight);
                }
            }

            foreach (SimulatedRank rank in concerned.Select(rank => _ranks[rank]).Where(rank => IsExchanged(rank, next)))
            {
                EndExchange(rank, next);
                GoOn(rank);
            }
        }

        return _ranks.All(rank => rank.IsDone)
            ? new([.. _ranks.Select(rank => rank.Done.ToImmutable())])
            : throw new PlanException("the ranks' programs wait for each other");
    }

    /// <summary>Takes all steps up to the next one that waits for messages, and begins that.</summary>
    private void GoOn(SimulatedRank rank)
    {
        while (!rank.IsDone)
        {
            Step step = rank.Step;
            if (TagOf(step) is { } tag)
            {
                rank.Awaited.Add(tag);
                Pack(rank);
                if (step is not RedistributeStep { IsOpen: true })
                {
                    return;
                }

                rank.End(Exchanged(rank, SimulatedKind.Redistribute, rank.Packed));
            }
            else if (step is FinishStep)
            {
                Pack(rank);
                return;
            }
            else
            {
                double seconds = step is ComputeStep compute ? SecondsOf(compute, rank.Rank) : 0;
                SimulatedKind kind = step switch
                {
                    ComputeStep or SlideStep => SimulatedKind.Compute,
                    InputStep => SimulatedKind.Input,
                    _ => SimulatedKind.Output,
                };
                rank.End(new(step.Layer, kind, rank.Now, rank.Now + seconds, 0, 0, 0));
            }
        }
    }

    /// <summary>Packs what this step sends; each message leaves when it is packed. Where the rank waits it meets others, and is late by what its computing before varies.</summary>
    private void Pack(SimulatedRank rank)
    {
        double time = rank.Now + (rank.Step is not RedistributeStep { IsOpen: true } && rank.TakeHasComputed() ? _cluster.MeetingSeconds(rank.Rank) : 0);
        foreach (Flight flight in SendsOf(rank.Rank, rank.Step))
        {
            time += _cluster.CopySeconds(rank.Rank, flight.PackedBytes) + _cluster.Hosts[rank.Rank].LatencySeconds;
            _packed.Enqueue((rank.Rank, flight), time);
            rank.Unsent++;
        }

        rank.Packed = time + _cluster.CopySeconds(rank.Rank, rank.Step is RedistributeStep redistribute ? redistribute.Local.Bytes : 0);
        _packed.Enqueue((rank.Rank, null), rank.Packed);
    }

    /// <summary>Whether the rank waits and nothing is missing any more.</summary>
    private bool IsExchanged(SimulatedRank rank, double time) =>
        !rank.IsDone && rank.Awaited.Count > 0 && rank.Packed <= time && rank.Unsent == 0
        && rank.Awaited.All(tag => _arrived.GetValueOrDefault((rank.Rank, tag)) == _expected[(rank.Rank, tag)].Count());

    private void EndExchange(SimulatedRank rank, double time)
    {
        double unpacking = _cluster.CopySeconds(rank.Rank, UnpackedBytes(rank.Step));
        if (rank.Step is ReduceScatterStep reduce)
        {
            unpacking += _cluster.RoundingSeconds(rank.Rank, reduce.Region, reduce.Rounding);
        }

        rank.End(Exchanged(rank, rank.Step is ReduceScatterStep ? SimulatedKind.ReduceScatter : SimulatedKind.Redistribute, time + unpacking));
        rank.Awaited.Clear();
    }

    /// <summary>The rank's step; bytes count where an exchange begins.</summary>
    private SimulatedStep Exchanged(SimulatedRank rank, SimulatedKind kind, double end)
    {
        long sent = SendsOf(rank.Rank, rank.Step).Sum(flight => flight.Bytes);
        long received = TagOf(rank.Step) is { } tag ? _expected[(rank.Rank, tag)].Sum(flight => flight.Bytes) : 0;
        return new(rank.Step.Layer, kind, rank.Now, end, rank.Idle, sent, received);
    }

    private double SecondsOf(ComputeStep step, int rank)
    {
        Layer layer = _network.Layers[step.Layer];
        return _cluster.ComputeSeconds(new(layer, step.Region, step.Channels, step.Algorithm) { WeightType = step.Weights.Type, Workspace = step.Workspace }, rank)
            + _cluster.RoundingSeconds(rank, step.Region, step.Rounding);
    }

    private static int? TagOf(Step step) => step switch
    {
        RedistributeStep redistribute => redistribute.Tag,
        ReduceScatterStep reduce => reduce.Tag,
        _ => null,
    };

    private static IEnumerable<Flight> SendsOf(int rank, Step step)
    {
        ImmutableArray<Message> sends = step switch
        {
            RedistributeStep redistribute => redistribute.Sends,
            ReduceScatterStep reduce => reduce.Sends,
            _ => [],
        };
        return sends.Select(message => new Flight(rank, message.Peer, TagOf(step)!.Value, message.Bytes, PackedBytes(message)));
    }

    /// <summary>What the end of an exchange copies out of messages, or adds up.</summary>
    private static long UnpackedBytes(Step step) => step switch
    {
        RedistributeStep redistribute => redistribute.Receives.Sum(PackedBytes),
        FinishStep finish => finish.Receives.Sum(PackedBytes),
        ReduceScatterStep reduce => reduce.Sums.Length * reduce.Region.Bytes,
        _ => 0,
    };

    private static long PackedBytes(Message message) => message.Staging is null ? 0 : message.Count * sizeof(float);
}
