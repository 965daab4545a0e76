using DeeperThings.Cli.Options;
using DeeperThings.Ranks;
using DeeperThings.Models;
using DeeperThings.Models.Darknet;
using NLog;

namespace DeeperThings.Cli.Verbs;

/// <summary>What <c>weights --json</c> prints; the seed is that of <c>init</c>.</summary>
internal sealed record WeightsSummary(string Path, long Bytes, long Parameters, int? Seed);

/// <summary><c>deeperthings weights</c></summary>
internal static class MakeWeights
{
    public static int Run(WeightsOptions options)
    {
        options.Validate();
        RankLog.Configure(verbose: false);
        var progress = new SynchronousProgress(new(LogManager.GetLogger("deeperthings"), "writing weights"));
        ModelFile model = ModelFile.Open(options.Model, options.Weights);
        int? seed = null;
        if (options.Action == "init")
        {
            seed = options.Seed ?? 1;
            DarknetWeightsWriter.Initialize(model.Network, seed.Value, options.Output, progress);
        }
        else
        {
            using IWeightSource weights = model.OpenWeights();
            Float16Weights.Write(model.Network, weights, options.Output, progress);
        }

        var summary = new WeightsSummary(options.Output, new FileInfo(options.Output).Length, model.Network.TotalParameters, seed);
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
