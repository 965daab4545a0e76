using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Planning.Cluster;

namespace DeeperThings.Planning.Simulation;

/// <summary>
/// Predicts when each rank does what, from the same programs that the ranks execute. A rank takes its steps one after the other. A message starts when both
/// ranks have come to their step and both links are free in that direction; a link carries one message at a time in each direction.
/// </summary>
public sealed class Simulator
{
    private readonly Network _network;
    private readonly IReadOnlyList<RankProgram> _programs;
    private readonly ClusterProfile _cluster;
    private readonly ImmutableArray<SimulatedStep>.Builder[] _done;
    private readonly Dictionary<int, int> _participants;
    private readonly double[] _now;
    private readonly int[] _next;

    private Simulator(Network network, IReadOnlyList<RankProgram> programs, ClusterProfile cluster)
    {
        _network = network;
        _programs = programs;
        _cluster = cluster;
        _done = [.. programs.Select(program => ImmutableArray.CreateBuilder<SimulatedStep>(program.Steps.Length))];
        _participants = programs.SelectMany(program => program.Steps).Select(TagOf).Where(tag => tag is not null).GroupBy(tag => tag!.Value).ToDictionary(group => group.Key, group => group.Count());
        _now = new double[programs.Count];
        _next = new int[programs.Count];
    }

    private readonly record struct Flight(int From, int To, long Bytes);

    /// <exception cref="PlanException">The cluster has fewer hosts than the plan has ranks.</exception>
    public static SimulatedRun Run(Network network, IReadOnlyList<RankProgram> programs, ClusterProfile cluster) =>
        new Simulator(network, programs, cluster.ForRanks(programs.Count)).Run();

    /// <inheritdoc cref="Run(Network, IReadOnlyList{RankProgram}, ClusterProfile)"/>
    public static SimulatedRun Run(Network network, Plan plan, ClusterProfile cluster) =>
        Run(network, plan.ProgramsFor(network), cluster);

    private SimulatedRun Run()
    {
        while (true)
        {
            var waiting = new Dictionary<int, List<int>>();
            bool isDone = true;
            for (int rank = 0; rank < _programs.Count; rank++)
            {
                RunToCommunication(rank);
                if (_next[rank] < _programs[rank].Steps.Length)
                {
                    isDone = false;
                    int tag = TagOf(_programs[rank].Steps[_next[rank]])!.Value;
                    if (!waiting.TryGetValue(tag, out List<int>? ranks))
                    {
                        waiting.Add(tag, ranks = []);
                    }

                    ranks.Add(rank);
                }
            }

            if (isDone)
            {
                return new([.. _done.Select(steps => steps.ToImmutable())]);
            }

            List<int> members = waiting.Where(entry => entry.Value.Count == _participants[entry.Key]).Select(entry => entry.Value).FirstOrDefault()
                ?? throw new PlanException("the ranks' programs wait for each other");
            Communicate(members);
        }
    }

    private void RunToCommunication(int rank)
    {
        ImmutableArray<Step> steps = _programs[rank].Steps;
        for (; _next[rank] < steps.Length && TagOf(steps[_next[rank]]) is null; _next[rank]++)
        {
            Step step = steps[_next[rank]];
            double seconds = step is ComputeStep compute ? SecondsOf(compute, rank) : 0;
            SimulatedKind kind = step switch
            {
                ComputeStep or SlideStep => SimulatedKind.Compute,
                FinishStep => SimulatedKind.Redistribute,
                InputStep => SimulatedKind.Input,
                _ => SimulatedKind.Output,
            };
            _done[rank].Add(new(step.Layer, kind, _now[rank], _now[rank] + seconds, 0, 0, 0));
            _now[rank] += seconds;
        }
    }

    private double SecondsOf(ComputeStep step, int rank)
    {
        Layer layer = _network.Layers[step.Layer];
        return _cluster.ComputeSeconds(new(layer, step.Region, step.Channels, step.Algorithm) { WeightType = step.Weights.Type }, rank);
    }

    private void Communicate(List<int> ranks)
    {
        List<Flight> flights = [.. ranks.SelectMany(rank => SendsOf(_programs[rank].Steps[_next[rank]]).Select(message => new Flight(rank, message.Peer, message.Bytes)))];
        var ready = new double[_now.Length];
        var unpack = new double[_now.Length];
        foreach (Flight flight in flights)
        {
            ready[flight.From] += _cluster.CopySeconds(flight.From, flight.Bytes);
            unpack[flight.To] += _cluster.CopySeconds(flight.To, flight.Bytes);
        }

        foreach (int rank in ranks)
        {
            ready[rank] += _now[rank] + _cluster.MeetingSeconds(rank);
        }

        var sendFree = (double[])ready.Clone();
        var receiveFree = (double[])ready.Clone();
        var end = (double[])ready.Clone();
        var sendBusy = new double[_now.Length];
        var receiveBusy = new double[_now.Length];
        var sent = new long[_now.Length];
        var received = new long[_now.Length];
        while (flights.Count > 0)
        {
            // The earliest first; of equal ones the nearest neighbour in ring order, so that all links are busy.
            Flight flight = flights.MinBy(flight => (Math.Max(sendFree[flight.From], receiveFree[flight.To]), (flight.To - flight.From + _now.Length) % _now.Length));
            flights.Remove(flight);
            double seconds = _cluster.MessageSeconds(flight.From, flight.To, flight.Bytes);
            double arrival = Math.Max(sendFree[flight.From], receiveFree[flight.To]) + seconds;
            sendFree[flight.From] = receiveFree[flight.To] = arrival;
            end[flight.From] = Math.Max(end[flight.From], arrival);
            end[flight.To] = Math.Max(end[flight.To], arrival);
            sendBusy[flight.From] += seconds;
            receiveBusy[flight.To] += seconds;
            sent[flight.From] += flight.Bytes;
            received[flight.To] += flight.Bytes;
        }

        foreach (int rank in ranks)
        {
            Step step = _programs[rank].Steps[_next[rank]++];
            double wait = Math.Max(0, end[rank] - ready[rank] - Math.Max(sendBusy[rank], receiveBusy[rank])) + _cluster.MeetingSeconds(rank);
            end[rank] += unpack[rank];
            SimulatedKind kind = step is ReduceScatterStep ? SimulatedKind.ReduceScatter : SimulatedKind.Redistribute;
            _done[rank].Add(new(step.Layer, kind, _now[rank], end[rank], wait, sent[rank], received[rank]));
            _now[rank] = end[rank];
        }
    }

    private static int? TagOf(Step step) => step switch
    {
        RedistributeStep redistribute => redistribute.Tag,
        ReduceScatterStep reduce => reduce.Tag,
        _ => null,
    };

    private static ImmutableArray<Message> SendsOf(Step step) => step switch
    {
        RedistributeStep redistribute => redistribute.Sends,
        ReduceScatterStep reduce => reduce.Sends,
        _ => [],
    };
}
