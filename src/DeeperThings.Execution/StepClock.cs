using System.Diagnostics;

namespace DeeperThings.Execution;

/// <summary>When each step of the last inference began and ended, what it used of the processor, sent and received, and how long each took over all inferences.</summary>
public sealed class StepClock(int steps)
{
    private readonly long[] _begin = new long[steps];
    private readonly long[] _end = new long[steps];
    private readonly double[] _processor = new double[steps];
    private readonly long[] _sent = new long[steps];
    private readonly long[] _received = new long[steps];
    private readonly long[] _total = new long[steps];

    /// <summary>Ticks of <see cref="Stopwatch"/> of step <paramref name="step"/> in the last inference.</summary>
    public (long Begin, long End) LastTicks(int step) => (_begin[step], _end[step]);

    /// <summary>Seconds of step <paramref name="step"/> over all inferences.</summary>
    public double TotalSeconds(int step) => _total[step] / (double)Stopwatch.Frequency;

    /// <summary>Seconds of step <paramref name="step"/> in the last inference.</summary>
    public double LastSeconds(int step) => (_end[step] - _begin[step]) / (double)Stopwatch.Frequency;

    /// <summary>Seconds of the processor that this rank's own thread used in step <paramref name="step"/> of the last inference; its helpers' are not in it.</summary>
    public double LastProcessorSeconds(int step) => _processor[step];

    /// <summary>Bytes of payload that step <paramref name="step"/> sent and received in the last inference.</summary>
    public (long Sent, long Received) LastBytes(int step) => (_sent[step], _received[step]);

    internal void Record(int step, long begin, long end, double processorSeconds, long bytesSent, long bytesReceived)
    {
        _processor[step] = processorSeconds;
        _sent[step] = bytesSent;
        _received[step] = bytesReceived;
        _begin[step] = begin;
        _end[step] = end;
        _total[step] += end - begin;
    }
}
