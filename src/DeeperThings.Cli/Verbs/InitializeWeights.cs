using DeeperThings.Cli.Options;
using DeeperThings.Ranks;
using DeeperThings.Models;
using DeeperThings.Models.Darknet;
using NLog;

namespace DeeperThings.Cli.Verbs;

internal sealed record WeightsSummary(string Path, long Bytes, long Parameters, int Seed);

/// <summary><c>deeperthings weights init</c></summary>
internal static class InitializeWeights
{
    public static int Run(WeightsOptions options)
    {
        if (options.Action != "init")
        {
            throw new UsageException($"weights {options.Action}: the only action is init");
        }

        Network network = ModelFile.Open(options.Model).Network;
        RankLog.Configure(verbose: false);
        var progress = new ProgressLog(LogManager.GetLogger("deeperthings"), "writing weights");
        DarknetWeightsWriter.Initialize(network, options.Seed, options.Output, new SynchronousProgress(progress));
        var summary = new WeightsSummary(options.Output, new FileInfo(options.Output).Length, network.TotalParameters, options.Seed);
        if (options.Json)
        {
            Output.Json(summary, CliJson.Default.WeightsSummary);
        }
        else
        {
            Output.Line($"{summary.Path}: {summary.Parameters:N0} parameters, {summary.Bytes:N0} bytes");
        }

        return ExitCode.Done;
    }

    /// <summary>Reports at once; <see cref="Progress{T}"/> would report from another thread, later.</summary>
    private sealed class SynchronousProgress(ProgressLog log) : IProgress<double>
    {
        public void Report(double value) => log.Report(value);
    }
}
