using System.Diagnostics;
using DeeperThings.Ranks.Options;
using DeeperThings.Execution;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Mpi;
using DeeperThings.Partitioning;
using NLog;
using Spectre.Console;

namespace DeeperThings.Ranks.Verbs;

/// <summary>
/// One layer; milliseconds are medians, operations are counted as direct convolution. The fraction is the least time by <see cref="Roofline"/>, with every weight, input and output
/// moved once, of the median: Winograd, and maps that come from a cache, may exceed 1.
/// </summary>
internal sealed record LayerBench(int Index, string Name, double MedianMilliseconds, double GigaflopsPerSecond, double RooflineFraction);

internal sealed record BenchSummary(string Model, int Threads, int Repeat, string Kernel, double MedianMilliseconds, double GigaflopsPerSecond, double PeakGigaflopsPerSecond, double MemoryGigabytesPerSecond, long FootprintBytes, IReadOnlyList<LayerBench> Layers);

/// <summary><c>deeperthings bench</c></summary>
internal static class Bench
{
    public static int Run(BenchOptions options)
    {
        options.Validate();
        RankLog.Configure(verbose: false);
        ModelFile model = ModelFile.Open(options.Model, options.Weights);
        using IWeightSource weights = model.OpenWeights();
        BenchSummary? summary = null;
        InProcessWorld.Run(1, comm => summary = Measure(model, weights, comm, options));
        if (options.Json)
        {
            Output.Json(summary!, RankJson.Default.BenchSummary);
        }
        else
        {
            Print(summary!);
        }

        return ExitCode.Done;
    }

    private static BenchSummary Measure(ModelFile model, IWeightSource weights, Communicator comm, BenchOptions options)
    {
        Network network = model.Network;
        RankProgram program = Lowering.ForRank(network, UniformPlan.WithWeights(network, UniformPlan.Create(network, 1, UniformStrategy.Whole), model.WeightType), 1, Partition.Root);
        using var workers = new WorkerPool(options.Threads);
        Roofline roofline = Roofline.Measure(workers);
        Logger log = RankLog.For(comm);
        using var executor = new Executor(network, program, weights, comm, workers, new ProgressLog(log, "reading weights").Report);
        var random = new Random(1);
        foreach (ref float value in executor.Input)
        {
            value = random.NextSingle();
        }

        var progress = new ProgressLog(log, "measuring");
        double[] total = new double[options.Repeat];
        double[][] steps = [.. program.Steps.Select(_ => new double[options.Repeat])];
        executor.Run();
        for (int repeat = 0; repeat < options.Repeat; repeat++)
        {
            long begin = Stopwatch.GetTimestamp();
            executor.Run();
            total[repeat] = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            for (int step = 0; step < steps.Length; step++)
            {
                steps[step][repeat] = executor.Clock.LastSeconds(step);
            }

            progress.Report((repeat + 1.0) / options.Repeat);
        }

        double median = Statistics.Median(total);
        return new(
            network.Name,
            options.Threads,
            options.Repeat,
            KernelVariant.Current.Name,
            median * 1e3,
            network.TotalFlops / median / 1e9,
            roofline.FlopsPerSecond / 1e9,
            roofline.BytesPerSecond / 1e9,
            executor.FootprintBytesAllocated,
            [.. program.Steps.Index().Where(step => step.Item is ComputeStep).Select(step => LayerOf(network.Layers[step.Item.Layer], Statistics.Median(steps[step.Index]), roofline))]);
    }

    private static LayerBench LayerOf(Layer layer, double seconds, Roofline roofline)
    {
        if (seconds == 0)
        {
            return new(layer.Index, layer.Name, 0, 0, 0);
        }

        long floats = layer.Parameters + layer.Output.Count + layer.InputShapes.Sum(shape => shape.Count);
        double least = roofline.LeastSeconds(layer.TotalFlops, floats * sizeof(float));
        return new(layer.Index, layer.Name, seconds * 1e3, layer.TotalFlops / seconds / 1e9, least / seconds);
    }

    private static void Print(BenchSummary summary)
    {
        Table table = Output.Table(" #", "layer", " ms", " GFLOP/s", " of roofline");
        foreach (LayerBench layer in summary.Layers)
        {
            Output.AddRow(table, [$"{layer.Index}", layer.Name, $"{layer.MedianMilliseconds:F3}", $"{layer.GigaflopsPerSecond:F1}", $"{100 * layer.RooflineFraction:F0} %"]);
        }

        Output.Out.Write(table);
        Output.Line($"{summary.Model}, {summary.Threads} threads, {summary.Kernel}: median of {summary.Repeat} {summary.MedianMilliseconds:F1} ms, {summary.GigaflopsPerSecond:F1} GFLOP/s, footprint {summary.FootprintBytes / 1e6:F1} MB");
        Output.Line($"roofline: {summary.PeakGigaflopsPerSecond:F0} GFLOP/s, {summary.MemoryGigabytesPerSecond:F0} GB/s, measured at the start; operations are those of direct convolution, so Winograd may exceed 100 %");
    }
}
