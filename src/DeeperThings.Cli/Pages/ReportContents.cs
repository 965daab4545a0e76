using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Vision;

namespace DeeperThings.Cli.Pages;

/// <summary>One input of a run with what was found in it.</summary>
/// <param name="Png">The picture with its boxes; null where the run wrote none.</param>
internal sealed record ReportPicture(string Name, double Seconds, Result? Result, byte[]? Png)
{
    /// <exception cref="InputException">A result is damaged.</exception>
    public static ReportPicture Read(string folder, InputReport input)
    {
        string json = Path.Combine(folder, $"{input.Name}.json");
        string png = Path.Combine(folder, $"{input.Name}.png");
        return new(input.Name, input.Seconds, File.Exists(json) ? Result.Read(json) : null, File.Exists(png) ? File.ReadAllBytes(png) : null);
    }
}

/// <summary>What a report is about; timelines are empty where there is none.</summary>
internal sealed record ReportContents
{
    public required Network Network { get; init; }

    public required Plan Plan { get; init; }

    public required ClusterProfile? Cluster { get; init; }

    public required IReadOnlyList<TraceEvent> Predicted { get; init; }

    public required IReadOnlyList<TraceEvent> Measured { get; init; }

    public required RunReport? Run { get; init; }

    public required IReadOnlyList<ReportPicture> Pictures { get; init; }
}
