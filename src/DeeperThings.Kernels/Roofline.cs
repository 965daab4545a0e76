using System.Diagnostics;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>The two limits of a set of threads, measured: arithmetic on registers and reading memory from end to end.</summary>
/// <param name="FlopsPerSecond">Two for each FMA, of all threads together.</param>
/// <param name="BytesPerSecond">Of all threads together, from memory that no cache holds.</param>
public readonly record struct Roofline(double FlopsPerSecond, double BytesPerSecond)
{
    private const int Repeat = 9;

    // 128 MB are more than the caches of most machines, and take a tenth of a second to clear.
    private const long ReadFloats = 32 << 20;

    /// <summary>A fifth of a second: the fastest of <see cref="Repeat"/> short runs of each kind.</summary>
    public static Roofline Measure(WorkerPool workers)
    {
        double flops = KernelVariant.Current.PeakFlopsPerSecond(workers);
        using var arena = new Arena(ReadFloats * sizeof(float));
        var read = new ReadWork(arena.Buffer(0, ReadFloats));
        double seconds = Fastest(workers, read.Pieces, ref read);
        return new(flops, ReadFloats * sizeof(float) / seconds);
    }

    /// <summary>The least seconds for that much work: each byte is moved once, and moving and computing overlap.</summary>
    public double LeastSeconds(double flops, double bytes) => Math.Max(flops / FlopsPerSecond, bytes / BytesPerSecond);

    internal static double Fastest<TWork>(WorkerPool workers, int pieces, ref TWork work)
        where TWork : unmanaged, IWork
    {
        double fastest = double.PositiveInfinity;
        for (int i = 0; i < Repeat; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            workers.Run(pieces, ref work);
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }

        return fastest;
    }
}
