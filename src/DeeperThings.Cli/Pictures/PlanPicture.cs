using DeeperThings.Cli.Verbs;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;

namespace DeeperThings.Cli.Pictures;

/// <summary>
/// Who holds what, as SVG: one row a layer, with its feature map seen from the front (rows × columns, tiles) and from the side (channels, shards), each part in
/// its rank's colour and grey where all ranks hold it, and the bytes that move so that the layer can run.
/// </summary>
internal static class PlanPicture
{
    private const int RowHeight = 46;
    private const int MapSide = 36;
    private const int DepthWidth = 60;
    private const int Left = 250;
    private const int Width = 980;
    private const int Top = 64;
    private const int LongestBar = 150;
    private const string Shared = "#b4bac2";

    public static void Write(Network network, Plan plan, string path) => AtomicFile.WriteText(path, Draw(network, plan));

    public static string Draw(Network network, Plan plan)
    {
        RankProgram[] programs = plan.ProgramsFor(network);
        Layer[] layers = [.. network.Layers.Where(layer => !layer.IsIdentity)];
        long[] bytes = [.. layers.Select(layer => BytesInto(network, layer, programs))];
        var svg = new Svg(Width, Top + (layers.Length * RowHeight) + 10, $"Who holds what of {plan.Model} on {plan.Ranks} ranks");
        svg.Text(10, 22, $"{plan.Model} on {plan.Ranks} ranks, {PlanText.Describe(plan.Strategy, plan.Schedule)}", size: 16);
        DrawLegend(svg, plan);
        for (int i = 0; i < layers.Length; i++)
        {
            int y = Top + (i * RowHeight);
            DrawLayer(svg, layers[i], plan, y);
            double length = LongestBar * (double)bytes[i] / Math.Max(1, bytes.Max());
            svg.Box(Width - 250, y + 14, length, 10, "#b03030");
            svg.Text(Width - 245 + length, y + 23, bytes[i] == 0 ? "nothing moves" : $"{bytes[i] / 1e6:F2} MB", Svg.Faint);
        }

        return svg.ToString();
    }

    private static void DrawLegend(Svg svg, Plan plan)
    {
        const int Step = 118;
        for (int rank = 0; rank < Math.Min(plan.Ranks, (Width - 10) / Step); rank++)
        {
            svg.Box(10 + (rank * Step), 36, 12, 12, Palette.Of(rank));
            svg.Text(27 + (rank * Step), 46, $"{rank}: {plan.Counts.FootprintBytes[rank] / 1e6:F1} MB");
        }
    }

    private static void DrawLayer(Svg svg, Layer layer, Plan plan, int y)
    {
        LayerPlan how = plan.Layers[layer.Index];
        svg.Text(10, y + 18, layer.Name);
        svg.Text(10, y + 33, $"{layer.Output}", Svg.Faint);
        if (layer is WeightedLayer)
        {
            svg.Text(Left - 40, y + 25, $"{layer.Parameters * sizeof(float) / 1e6:F2} MB", Svg.Faint, "middle");
        }

        Region[] own = how.Output!.Owners(layer.Output, plan.Ranks);
        DrawParts(svg, Left, y + 4, MapSide, [.. own.Select(region => (region.Columns, region.Rows))], layer.Output.Columns, layer.Output.Rows);
        DrawParts(svg, Left + MapSide + 10, y + 4, DepthWidth, [.. own.Select(region => (region.IsEmpty ? default : new Interval(0, 1), region.Channels))], 1, layer.Output.Channels);
        int x = Left + MapSide + DepthWidth + 26;
        svg.Text(x, y + 18, PlanText.Describe(how.Strategy));
        svg.Text(x, y + 33, PlanText.Describe(how.Output), Svg.Faint);
    }

    private static void DrawParts(Svg svg, double left, double top, double width, (Interval Across, Interval Down)[] parts, int columns, int rows)
    {
        for (int rank = 0; rank < parts.Length; rank++)
        {
            (Interval across, Interval down) = parts[rank];
            if (across.IsEmpty || down.IsEmpty)
            {
                continue;
            }

            bool shared = parts.Length > 1 && parts.All(part => part == parts[rank]);
            svg.Box(
                left + (width * across.Start / columns),
                top + ((double)MapSide * down.Start / rows),
                width * across.Length / columns,
                (double)MapSide * down.Length / rows,
                shared ? Shared : Palette.Of(rank),
                "none");
        }
    }

    /// <summary>What moves so that the layer can run, and to add its partial sums.</summary>
    private static long BytesInto(Network network, Layer layer, RankProgram[] programs) => programs.Sum(program =>
        program.BytesReducedOf(layer.Index)
        + layer.Inputs.Select(network.Resolve).Distinct().Where(producer => FirstReader(network, producer) == layer.Index).Sum(program.BytesRedistributedOf));

    private static int FirstReader(Network network, int producer) =>
        network.Layers.First(layer => !layer.IsIdentity && layer.Inputs.Any(input => network.Resolve(input) == producer)).Index;
}
