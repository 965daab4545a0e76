using DeeperThings.Cli.Options;
using DeeperThings.Models;
using DeeperThings.Tensors;
using Spectre.Console;

namespace DeeperThings.Cli.Verbs;

/// <summary>One row of <c>inspect</c>; operations in FLOP (2 × multiply-adds).</summary>
internal sealed record LayerSummary(int Index, string Kind, string Window, IReadOnlyList<int> Inputs, IReadOnlyList<int> Output, long Parameters, long Flops, long OutputBytes, long WeightsBytes);

internal sealed record ModelSummary(string Name, IReadOnlyList<int> Input, IReadOnlyList<LayerSummary> Layers, long Parameters, long Flops, long WeightsBytes, long LargestLayerBytes, string Digest);

/// <summary><c>deeperthings inspect</c></summary>
internal static class Inspect
{
    public static int Run(InspectOptions options)
    {
        ModelSummary summary = Summarise(ModelFile.Open(options.Model, options.Weights).Network);
        if (options.Json)
        {
            Output.Json(summary, CliJson.Default.ModelSummary);
            return ExitCode.Done;
        }

        Table table = Output.Table(" #", "layer", "window", "inputs", "output (CxHxW)", " parameters", " MFLOP", " output bytes");
        foreach (LayerSummary layer in summary.Layers)
        {
            Output.AddRow(table, [$"{layer.Index}", layer.Kind, layer.Window, string.Join(" ", layer.Inputs), string.Join("x", layer.Output), $"{layer.Parameters:N0}", $"{layer.Flops / 1e6:N1}", $"{layer.OutputBytes:N0}"]);
        }

        Output.Out.Write(table);
        Output.Line($"{summary.Name}: input {string.Join("x", summary.Input)}, {summary.Parameters:N0} parameters ({summary.WeightsBytes / 1e6:N1} MB), {summary.Flops / 1e9:N2} GFLOP, largest input + output of a layer {summary.LargestLayerBytes / 1e6:N1} MB");
        return ExitCode.Done;
    }

    private static ModelSummary Summarise(Network network) => new(
        network.Name,
        Dimensions(network.InputShape),
        [.. network.Layers.Select(layer => new LayerSummary(layer.Index, layer.Kind, layer.Window, layer.Inputs, Dimensions(layer.Output), layer.Parameters, layer.TotalFlops, layer.Output.Count * sizeof(float), layer.Parameters * sizeof(float)))],
        network.TotalParameters,
        network.TotalFlops,
        network.TotalParameters * sizeof(float),
        network.Layers.Max(layer => layer.InputShapes.Sum(shape => shape.Count) + layer.Output.Count) * sizeof(float),
        network.Digest);

    private static int[] Dimensions(Shape shape) => [shape.Channels, shape.Rows, shape.Columns];
}
