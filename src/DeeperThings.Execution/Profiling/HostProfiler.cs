using System.Diagnostics;
using DeeperThings.Kernels;
using DeeperThings.Mpi;
using DeeperThings.Tensors;

namespace DeeperThings.Execution.Profiling;

/// <summary>Measures the host of each rank and the network between them, on all ranks at once, in half a minute to a minute.</summary>
public sealed class HostProfiler
{
    private const int LeastTurns = 5;
    private const int FirstSamples = 10;
    private const int CopyPlaces = 16;
    private const int CopyRepeats = 4;

    /// <summary>For all turns, without the meetings; longer where the least number of turns takes longer, up to the most.</summary>
    private const double UsualSeconds = 12;
    private const double MostSeconds = 30;

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
        (double[] seconds, double share, double meeting) = MeasureLayers(links);
        return new()
        {
            Host = _comm.Host,
            Threads = _workers.Threads,
            VectorFloats = KernelVariant.Current.VectorFloats,
            ProcessorShare = share,
            LayerSeconds = seconds,
            CopySecondsPerByte = MeasureCopy() / share,
            MemoryBytes = memoryBytes,
            Link = link,
            JitterSeconds = Math.Max(0, meeting - (link.LatencySeconds * (_comm.Size - 1))),
        };
    }

    /// <summary>
    /// Rounds of all samples, so that each finds the caches full of the others: by turns without pause and with a meeting of all ranks after each sample, as after the layers of an inference.
    /// Rounds without pause give the share of the processor that this rank has. What a sample takes is that of the rounds with meetings: what a rank that has slept finds in the caches,
    /// and what interrupts it, belongs to the layer. What these rounds take beyond that, the meetings take.
    /// </summary>
    private (double[] Seconds, double Share, double MeetingSeconds) MeasureLayers(LinkMeter links)
    {
        LayerTimer[] timers = [.. SampleLayers.All.Select(work => new LayerTimer(work, _workers))];
        double slowest = links.Slowest(Round(meets: false).Taken);
        int most = Math.Max(1, (int)(MostSeconds / (2 * slowest)));
        int turns = Math.Clamp((int)(UsualSeconds / (2 * slowest)), Math.Min(LeastTurns, most), most);
        var alone = new (double Computed, double Taken)[turns];
        var meeting = new (double Computed, double Taken)[turns];
        for (int turn = 0; turn < turns; turn++)
        {
            alone[turn] = Round(meets: false);
            meeting[turn] = Round(meets: true);
            _progress("layers", (turn + 1.0) / turns);
        }

        double share = Math.Clamp(alone.Sum(round => round.Computed) / alone.Sum(round => round.Taken), 1e-3, 1);
        double[] seconds = [.. timers.Select(timer => timer.Seconds / share)];
        foreach (LayerTimer timer in timers)
        {
            timer.Dispose();
        }

        return (seconds, share, MiddleMean.Of([.. meeting.Select(round => (round.Taken - (round.Computed / share)) / (timers.Length - FirstSamples))]));

        // The first samples use up what a limited rank has saved while it waited.
        (double Computed, double Taken) Round(bool meets)
        {
            _comm.Barrier();
            long begin = 0;
            double computed = 0;
            for (int sample = 0; sample < timers.Length; sample++)
            {
                if (sample == FirstSamples)
                {
                    (begin, computed) = (Stopwatch.GetTimestamp(), 0);
                }

                computed += timers[sample].Run(counts: meets);
                if (meets)
                {
                    links.Meet();
                }
            }

            return (computed, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
    }

    /// <summary>Seconds of the processor for a byte that is packed into a message or unpacked from one: what half a map's columns take, each time elsewhere in more memory than a cache holds.</summary>
    private static double MeasureCopy()
    {
        var stored = new Region(Interval.All(256), Interval.All(28), Interval.All(28));
        Region piece = stored with { Columns = new(7, 21) };
        using var arena = new Arena(CopyPlaces * (stored.Bytes + piece.Bytes));
        double[] seconds = new double[CopyRepeats * CopyPlaces];
        for (int i = -CopyPlaces; i < seconds.Length; i++)
        {
            long place = (i + CopyPlaces) % CopyPlaces * (stored.Bytes + piece.Bytes);
            FeatureMap map = arena.FeatureMap(place, stored);
            FeatureMap message = arena.FeatureMap(place + stored.Bytes, piece);
            double begin = ProcessorClock.ThreadSeconds;
            map.CopyTo(message, piece);
            message.CopyTo(map, piece);
            if (i >= 0)
            {
                seconds[i] = ProcessorClock.ThreadSeconds - begin;
            }
        }

        return MiddleMean.Of(seconds) / (2 * piece.Bytes);
    }
}
