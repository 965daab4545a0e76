using System.Diagnostics;
using DeeperThings.Execution.Profiling;
using DeeperThings.Kernels;
using DeeperThings.Mpi;

namespace DeeperThings.Execution.Tests;

public sealed class LayerTimerLaws
{
    private const int Runs = 8;

    /// <summary>An inference pays for its slow runs as well: a timer that left them out, as a median does, would promise too much.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Runs_take_together_what_they_are_said_to_take_each(int threads)
    {
        using var workers = new WorkerPool(threads);
        _ = Time(); // What is compiled at a first call is no run's.
        (double said, double spent) = Time();
        Assert.InRange(said, 0.95 * spent, spent);

        (double Said, double Spent) Time()
        {
            using var timer = new LayerTimer(SampleLayers.All[0], workers);
            double begin = Now();
            for (int run = 0; run < Runs; run++)
            {
                timer.Run();
            }

            return (timer.Seconds * Runs, Now() - begin);
        }

        double Now() => threads == 1 ? ProcessorClock.ThreadSeconds : Stopwatch.GetElapsedTime(0).TotalSeconds;
    }

    [Fact]
    public void A_run_to_warm_up_is_not_counted()
    {
        using var workers = new WorkerPool(1);
        using var timer = new LayerTimer(SampleLayers.All[0], workers);
        timer.WarmUp();
        double begin = ProcessorClock.ThreadSeconds;
        timer.Run();
        Assert.InRange(timer.Seconds, 0, ProcessorClock.ThreadSeconds - begin);
    }
}
