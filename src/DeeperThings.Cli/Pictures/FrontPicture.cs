using DeeperThings.Cli.Verbs;
using DeeperThings.Models;

namespace DeeperThings.Cli.Pictures;

/// <summary>The front of seconds over footprint, as SVG: each point holds until the next smaller footprint.</summary>
internal static class FrontPicture
{
    public static void Write(FrontSummary front, string path) => AtomicFile.WriteText(path, Draw(front));

    private static string Draw(FrontSummary front) =>
        new LineChart($"{front.Model} on {front.Ranks} ranks of {front.Cluster}", "largest footprint of a rank, MB", "predicted seconds per inference",
            [new("fastest plans", [.. front.Points.Select(point => (point.FootprintBytes / 1e6, point.Seconds))], Steps: true)]) { Width = 760, Height = 460, FromZero = false }.Draw();
}
