using System.Diagnostics;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Mpi;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;

namespace DeeperThings.Execution;

/// <summary>
/// Runs a rank's program: one loop over the steps, one switch. All memory is taken and all weights are read when it is made;
/// an inference allocates nothing.
/// </summary>
public sealed partial class Executor : IDisposable
{
    private readonly Network _network;
    private readonly Communicator _comm;
    private readonly Exchange _exchange;
    private readonly WorkerPool _workers;
    private readonly RankMemory _memory;

    /// <param name="network">The network of which <paramref name="program"/> is a part.</param>
    /// <param name="program">This rank's program.</param>
    /// <param name="weights">Where this rank's slices are read from; not used afterwards.</param>
    /// <param name="comm">All ranks of the program, this one with the program's number.</param>
    /// <param name="workers">Threads for the kernels.</param>
    /// <param name="progress">Called with the share of the layers whose weights have been read, from 0 to 1.</param>
    /// <exception cref="ArgumentException">The communicator is not the program's.</exception>
    public Executor(Network network, RankProgram program, IWeightSource weights, Communicator comm, WorkerPool workers, Action<double>? progress = null)
    {
        if (comm.Size != program.Ranks || comm.Rank != program.Rank)
        {
            throw new ArgumentException($"program of rank {program.Rank}/{program.Ranks} on rank {comm.Rank}/{comm.Size}", nameof(comm));
        }

        _network = network;
        _comm = comm;
        _workers = workers;
        Program = program;
        Clock = new(program.Steps.Length);
        _exchange = comm.CreateExchange(MostMessages(program));
        _memory = new(program);
        try
        {
            WeightsDigest = WeightLoader.Load(network, program, weights, _memory, progress);
        }
        catch
        {
            _memory.Dispose();
            throw;
        }
    }

    public RankProgram Program { get; }

    /// <summary>Of all that was read of the weights, as <see cref="Partitioning.WeightsDigest"/>.</summary>
    public string WeightsDigest { get; }

    public StepClock Clock { get; }

    /// <summary>Bytes of native memory that this rank's weights and arena really take.</summary>
    public long FootprintBytesAllocated => _memory.AllocatedBytes;

    /// <summary>On the root: where the network's input is to be put before <see cref="Run"/>; channels × rows × columns.</summary>
    public Span<float> Input => Program.Steps.OfType<InputStep>().FirstOrDefault() is { } input
        ? _memory.Map(input.Map).Memory.Span
        : [];

    /// <summary>On the root, after <see cref="Run"/>: one of <see cref="Network.Outputs"/>; channels × rows × columns.</summary>
    /// <exception cref="ArgumentException">The layer is no output, or this is not the root.</exception>
    public ReadOnlySpan<float> Output(int layer)
    {
        OutputStep output = Program.Steps.OfType<OutputStep>().FirstOrDefault(step => step.Layer == layer)
            ?? throw new ArgumentException($"rank {Program.Rank} has no output of layer {layer}", nameof(layer));
        return _memory.Map(output.Map).Slice(Region.Whole(_network.ShapeOf(layer))).Span;
    }

    /// <summary>One inference; collective over all ranks.</summary>
    /// <exception cref="CommunicationException">A message could not be sent or received.</exception>
    public void Run()
    {
        (long sent, long received) = (_comm.BytesSent, _comm.BytesReceived);
        long begin = Stopwatch.GetTimestamp();
        double used = ProcessorClock.ThreadSeconds;
        for (int i = 0; i < Program.Steps.Length; i++)
        {
            switch (Program.Steps[i])
            {
                case ComputeStep step:
                    Compute(step);
                    break;
                case RedistributeStep step:
                    Redistribute(step);
                    break;
                case FinishStep step:
                    Finish(step.Receives, _memory.Map(step.Target));
                    break;
                case ReduceScatterStep step:
                    ReduceScatter(step);
                    break;
                case SlideStep step:
                    _memory.Map(step.From).CopyTo(_memory.Map(step.To), step.Kept);
                    break;
                default:
                    break;
            }

            // Before the time: a kernel that limits this thread may see only now that it has used too much, and what it stops belongs to this step.
            double processor = ProcessorClock.ThreadSeconds;
            long end = Stopwatch.GetTimestamp();
            Clock.Record(i, begin, end, processor - used, _comm.BytesSent - sent, _comm.BytesReceived - received);
            (begin, used, sent, received) = (end, processor, _comm.BytesSent, _comm.BytesReceived);
        }
    }

    public void Dispose() => _memory.Dispose();

    /// <summary>Messages that are on their way at the same time.</summary>
    private static int MostMessages(RankProgram program)
    {
        int most = 1;
        int open = 0;
        foreach (Step step in program.Steps)
        {
            open = step is FinishStep ? 0 : open + MessageCount(step);
            most = Math.Max(most, open);
            open = step is RedistributeStep { IsOpen: false } or ReduceScatterStep ? 0 : open;
        }

        return most;
    }

    private static int MessageCount(Step step) => step switch
    {
        RedistributeStep redistribute => redistribute.Sends.Length + redistribute.Receives.Length,
        ReduceScatterStep reduce => reduce.Sends.Length + reduce.Sums.Length,
        _ => 0,
    };
}
