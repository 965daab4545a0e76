using System.Diagnostics;
using DeeperThings.Kernels;
using DeeperThings.Mpi;
using DeeperThings.Tensors;

namespace DeeperThings.Execution.Profiling;

/// <summary>Measures the host of each rank and the network between them, on all ranks at once, in half a minute to a minute.</summary>
public sealed class HostProfiler
{
    private const int LeastRounds = 5;
    private const int CopyRepeats = 40;

    private const int JitterTurns = 96;
    private const int JitterMeetings = 5;
    private const int JitterSample = 0;

    /// <summary>Seconds of the processor between two meetings.</summary>
    private const double JitterComputing = 0.001;

    private static readonly TimeSpan s_leastTime = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_mostTime = TimeSpan.FromSeconds(20);

    private readonly Communicator _comm;
    private readonly WorkerPool _workers;
    private readonly Action<string, double> _progress;

    private HostProfiler(Communicator comm, WorkerPool workers, Action<string, double> progress)
    {
        _comm = comm;
        _workers = workers;
        _progress = progress;
    }

    /// <summary>Collective.</summary>
    /// <param name="comm">All ranks.</param>
    /// <param name="workers">Threads for the kernels.</param>
    /// <param name="memoryBytes">That this rank may use.</param>
    /// <param name="progress">Called with what is being measured and the share of it that is done, from 0 to 1.</param>
    public static HostMeasurement Measure(Communicator comm, WorkerPool workers, long memoryBytes, Action<string, double> progress) =>
        new HostProfiler(comm, workers, progress).Measure(memoryBytes);

    private HostMeasurement Measure(long memoryBytes)
    {
        using var links = new LinkMeter(_comm, share => _progress("links", share));
        LinkMeasurement link = links.Measure();
        _comm.Barrier();
        (double[] seconds, double share) = MeasureLayers();
        _comm.Barrier();
        double jitter = MeasureJitter(links, seconds);
        return new()
        {
            Host = _comm.Host,
            Threads = _workers.Threads,
            VectorFloats = KernelVariant.Current.VectorFloats,
            ProcessorShare = share,
            LayerSeconds = [.. seconds.Select(value => value / share)],
            CopySecondsPerByte = MeasureCopy() / share,
            MemoryBytes = memoryBytes,
            Link = link,
            JitterSeconds = Math.Max(0, jitter - (link.LatencySeconds * (_comm.Size - 1))),
        };
    }

    /// <summary>All samples in turn, so that each finds the caches full of the others; over many periods of a limit on the processor.</summary>
    private (double[] Seconds, double Share) MeasureLayers()
    {
        LayerTimer[] timers = [.. SampleLayers.All.Select(work => new LayerTimer(work, _workers))];
        long begin = Stopwatch.GetTimestamp();
        double processor = ProcessorClock.ThreadSeconds;
        for (int round = 0; IsGoingOn(round); round++)
        {
            foreach (LayerTimer timer in timers)
            {
                timer.Run();
            }

            _progress("layers", Math.Min(1, Stopwatch.GetElapsedTime(begin) / s_leastTime));
        }

        // Several threads are timed on the clock, which has the pauses in it.
        double share = _workers.Threads > 1 ? 1 : (ProcessorClock.ThreadSeconds - processor) / Stopwatch.GetElapsedTime(begin).TotalSeconds;
        double[] seconds = [.. timers.Select(timer => timer.Seconds)];
        foreach (LayerTimer timer in timers)
        {
            timer.Dispose();
        }

        return (seconds, Math.Clamp(share, 1e-3, 1));

        bool IsGoingOn(int round)
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(begin);
            return elapsed < s_leastTime || (round < LeastRounds && elapsed < s_mostTime);
        }
    }

    /// <summary>
    /// Seconds by which a round of computing and then meeting takes longer than one without meeting: the middle mean of turns of some rounds each with and without,
    /// so that a machine that becomes slower meanwhile does not pass for one whose ranks wait.
    /// </summary>
    private double MeasureJitter(LinkMeter links, double[] seconds)
    {
        if (_comm.Size == 1)
        {
            return 0;
        }

        using var timer = new LayerTimer(SampleLayers.All[JitterSample], _workers);
        int runs = Math.Max(1, (int)(JitterComputing / seconds[JitterSample]));
        timer.Run();
        double[] longer = new double[JitterTurns];
        for (int turn = 0; turn < JitterTurns; turn++)
        {
            longer[turn] = (Seconds(meets: true) - Seconds(meets: false)) / JitterMeetings;
            _progress("jitter", (turn + 1.0) / JitterTurns);
        }

        return MiddleMean.Of(longer);

        double Seconds(bool meets)
        {
            _comm.Barrier();
            long begin = Stopwatch.GetTimestamp();
            for (int round = 0; round < JitterMeetings; round++)
            {
                for (int run = 0; run < runs; run++)
                {
                    timer.Run();
                }

                if (meets)
                {
                    links.Meet();
                }
            }

            return Stopwatch.GetElapsedTime(begin).TotalSeconds;
        }
    }

    /// <summary>Seconds of the processor for a byte that is copied out of a map into a message.</summary>
    private static double MeasureCopy()
    {
        var stored = new Region(Interval.All(256), Interval.All(30), Interval.All(56));
        Region piece = stored with { Rows = new(2, 28), Columns = new(2, 54) };
        using var arena = new Arena(stored.Bytes + piece.Bytes);
        FeatureMap map = arena.FeatureMap(0, stored);
        FeatureMap message = arena.FeatureMap(Arena.Align(stored.Bytes), piece);
        double least = double.PositiveInfinity;
        for (int i = 0; i < CopyRepeats; i++)
        {
            double begin = ProcessorClock.ThreadSeconds;
            map.CopyTo(message, piece);
            least = Math.Min(least, ProcessorClock.ThreadSeconds - begin);
        }

        return least / piece.Bytes;
    }
}
