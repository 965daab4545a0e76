using System.Diagnostics;

namespace DeeperThings.Execution;

/// <summary>When each step of the last inference began and ended, and how long each took over all inferences.</summary>
public sealed class StepClock(int steps)
{
    private readonly long[] _begin = new long[steps];
    private readonly long[] _end = new long[steps];
    private readonly long[] _total = new long[steps];

    /// <summary>Ticks of <see cref="Stopwatch"/> of step <paramref name="step"/> in the last inference.</summary>
    public (long Begin, long End) LastTicks(int step) => (_begin[step], _end[step]);

    /// <summary>Seconds of step <paramref name="step"/> over all inferences.</summary>
    public double TotalSeconds(int step) => _total[step] / (double)Stopwatch.Frequency;

    /// <summary>Seconds of step <paramref name="step"/> in the last inference.</summary>
    public double LastSeconds(int step) => (_end[step] - _begin[step]) / (double)Stopwatch.Frequency;

    internal void Record(int step, long begin, long end)
    {
        _begin[step] = begin;
        _end[step] = end;
        _total[step] += end - begin;
    }
}
