using System.Collections.Immutable;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;
using Convolution = DeeperThings.Models.Convolution;

namespace DeeperThings.Planning.Layout;

/// <content>
/// Streamed stacks: runs of layers that follow each other, each the only reader of the one in front. They end where maps become smaller in rows, or where the
/// run ends, and begin behind such a layer or where the run begins: in between, a stack would hold a larger map whole.
/// </content>
internal sealed partial class CandidateFactory
{
    /// <summary>Rows of a strip of partial sums: a row of Winograd's tiles.</summary>
    private const int PartialStripRows = 4;

    /// <summary>Rows of a strip of the last layer of a streamed stack.</summary>
    private static readonly int[] s_stripRows = [1, 4];

    private int _stacks;

    private void AddStreamedStacks(IReadOnlyList<double> weights, Grid grid)
    {
        foreach (List<Layer> run in Runs(grid))
        {
            int[] ends = [.. Enumerable.Range(0, run.Count).Where(index => index == run.Count - 1 || run[index].Output.Rows < run[index].InputShapes[0].Rows)];
            int[] starts = [0, .. ends.Select(end => end + 1)];
            foreach (int end in ends)
            {
                foreach (int start in starts.Where(start => start < end))
                {
                    AddStreamedStack(run[start..(end + 1)], weights, grid);
                }
            }
        }
    }

    /// <summary>Layers that follow each other and nothing else, and can be cut into tiles.</summary>
    private IEnumerable<List<Layer>> Runs(Grid grid)
    {
        var run = new List<Layer>();
        foreach (Layer layer in _network.Layers.Where(layer => !layer.IsIdentity))
        {
            bool follows = run.Count > 0 && layer.Inputs.Length == 1 && _network.Resolve(layer.Inputs[0]) == run[^1].Index;
            bool isOnly = follows && _consumers[run[^1].Index].Count == 1 && !_network.Outputs.Contains(run[^1].Index);
            if (!(isOnly && MayHaveStrips(layer, grid)))
            {
                if (run.Count > 1)
                {
                    yield return run;
                }

                run = [];
            }

            if (MayHaveStrips(layer, grid))
            {
                run.Add(layer);
            }
        }

        if (run.Count > 1)
        {
            yield return run;
        }
    }

    private static bool MayHaveStrips(Layer layer, Grid grid) => CanTile(layer, grid) && layer is not Models.LocallyConnected;

    private void AddStreamedStack(List<Layer> layers, IReadOnlyList<double> weights, Grid grid)
    {
        bool[] winograd = [.. layers.Select(layer => _winogradPays && layer is Convolution convolution && convolution.FasterAlgorithm() == ConvolutionAlgorithm.Winograd)];
        foreach (int rows in s_stripRows.Where(rows => rows == 1 || rows < layers[^1].Output.Rows))
        {
            AddStreamedStack(layers, weights, grid, rows, new bool[winograd.Length]);
            if (winograd.Contains(true))
            {
                AddStreamedStack(layers, weights, grid, rows, winograd);
            }
        }
    }

    private void AddStreamedStack(List<Layer> layers, IReadOnlyList<double> weights, Grid grid, int stripRows, bool[] winograd)
    {
        var plans = new LayerPlan[layers.Count];
        var geometries = new LayerGeometry[layers.Count];
        for (int index = layers.Count - 1; index >= 0; index--)
        {
            Layer layer = layers[index];
            bool isLast = index == layers.Count - 1;
            plans[index] = new()
            {
                Index = layer.Index,
                Name = layer.Name,
                Strategy = _ranks == 1 ? Strategy.Whole : Strategy.Tiled,
                Output = _ranks == 1 ? new OnRoot() : isLast ? TilesOf(layer, grid, weights) : TilesAround(geometries[index + 1].Need(0), TilesOf(layer, grid, weights), layer, grid),
                Algorithm = winograd[index] ? ConvolutionAlgorithm.Winograd : ConvolutionAlgorithm.Direct,
                Workspace = layer is Convolution && stripRows == 1 ? Workspace.Small : Workspace.Fastest,
                Streams = !isLast,
                StripRows = isLast ? stripRows : 0,
            };
            geometries[index] = new(layer, plans[index], _ranks);
        }

        if (_request.Keep is not null && !plans.All(_request.Keep))
        {
            return;
        }

        foreach (ElementType wire in WiresOf(layers[^1], plans[^1].Output!))
        {
            plans[^1] = plans[^1] with { Wire = wire };
            geometries[^1] = new(layers[^1], plans[^1], _ranks);
            var stack = new StackCost([.. geometries], _ranks, ++_stacks);
            for (int index = 0; index < plans.Length; index++)
            {
                _streamed[layers[index].Index].Add(new(stack, plans[index], index, _request.Cluster, _sets));
            }
        }
    }

    /// <summary>The tiles, each with what its rank needs around it.</summary>
    private Partition TilesAround(IReadOnlyList<Region> need, Tiles tiles, Layer layer, Grid grid)
    {
        Region[] hull = [.. tiles.Owners(layer.Output, _ranks).Zip(need, (own, part) => own.Hull(part))];
        return hull.AsSpan().SequenceEqual(tiles.Owners(layer.Output, _ranks)) ? tiles : MarginOf(hull, grid);
    }
}
