using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using Google.OrTools.Sat;

namespace DeeperThings.Planning.Paper;

/// <summary>
/// The two integer programs of the paper (planning.md, section 4), with its view of the cluster: a data source in the middle of a star. Element
/// counts may be fractions with denominator N; both programs are in units of 1/N element, so that all numbers are integers and the optima exact.
/// </summary>
public sealed class PaperFormulation
{
    private readonly IReadOnlyList<PaperLayer> _layers;
    private readonly int _layerCount;
    private readonly int _ranks;

    public PaperFormulation(Network network, int ranks)
        : this(PaperLayer.Of(network), ranks, network.Layers.Length)
    {
    }

    /// <param name="layers">A chain of layers.</param>
    /// <param name="ranks">N.</param>
    public PaperFormulation(IReadOnlyList<PaperLayer> layers, int ranks)
        : this(layers, ranks, layers.Count)
    {
    }

    private PaperFormulation(IReadOnlyList<PaperLayer> layers, int ranks, int layerCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        _layers = layers;
        _ranks = ranks;
        _layerCount = layerCount;
    }

    /// <summary>Both programs.</summary>
    /// <param name="firstLayer">Where the program of the communication starts; by default at the break.</param>
    /// <exception cref="PlanException"><paramref name="firstLayer"/> is no layer of the network.</exception>
    public PaperResult Solve(int? firstLayer = null)
    {
        (int breakLayer, long footprintBytes) = LeastFootprint();
        return new(_ranks, breakLayer, footprintBytes, LeastCommunication(firstLayer ?? breakLayer));
    }

    /// <summary>min max_ℓ a_ℓ + Σ_ℓ (b_ℓ·W_ℓ/N + (1−b_ℓ)·W_ℓ), b ascending.</summary>
    public (int BreakLayer, long FootprintBytes) LeastFootprint()
    {
        var model = new CpModel();
        BoolVar[] isWeightPartitioned = [.. _layers.Select((_, layer) => model.NewBoolVar($"b[{layer}]"))];
        IntVar largestMaps = model.NewIntVar(0, _layers.Sum(layer => layer.InputElements + layer.OutputElements) * _ranks, "max a");
        LinearExpr weights = LinearExpr.Constant(0);
        for (int l = 0; l < _layers.Count; l++)
        {
            PaperLayer layer = _layers[l];
            if (l > 0)
            {
                model.AddImplication(isWeightPartitioned[l - 1], isWeightPartitioned[l]);
            }

            // a·N = (M+K)·(b·N + (1−b))
            long maps = layer.IsConvolution ? layer.InputElements + layer.OutputElements : 0;
            model.Add(largestMaps >= maps + (isWeightPartitioned[l] * (maps * (_ranks - 1))));

            // (b·W/N + (1−b)·W)·N
            weights += (layer.Weights * _ranks) - (isWeightPartitioned[l] * (layer.Weights * (_ranks - 1)));
        }

        model.Minimize(largestMaps + weights);
        long optimum = Optimum(Solve(model));

        // Of equal breaks the first, as the paper's tables have it: a layer without weights may stand on either side.
        model.Add(largestMaps + weights <= optimum);
        model.Maximize(LinearExpr.Sum(isWeightPartitioned));
        CpSolver solver = Solve(model);
        return (isWeightPartitioned.Count(variable => solver.Value(variable) == 0), Bytes(optimum));
    }

    /// <summary>The least volume through the data source, for the layers from <paramref name="firstLayer"/> on.</summary>
    /// <exception cref="PlanException"><paramref name="firstLayer"/> is no layer of the network.</exception>
    public PaperCommunication LeastCommunication(int firstLayer)
    {
        if (firstLayer < 0 || firstLayer > _layers.Count)
        {
            throw new PlanException($"first layer {firstLayer}: allowed are 0 to {_layers.Count}");
        }

        long layerOutputOnly = Volume(firstLayer, layerOutputOnly: true, out _);
        long optimal = Volume(firstLayer, layerOutputOnly: false, out ImmutableArray<PaperStrategy> layers);
        return new(firstLayer, Bytes(layerOutputOnly), Bytes(optimal), layers);
    }

    private long Volume(int firstLayer, bool layerOutputOnly, out ImmutableArray<PaperStrategy> strategies)
    {
        var model = new CpModel();
        var variables = new Dictionary<int, Choice>();
        for (int l = firstLayer; l < _layers.Count; l++)
        {
            if (_layers[l].IsConvolution)
            {
                variables.Add(l, new Choice(model, l));
            }
        }

        long volume = _ranks - 1;
        LinearExpr total = LinearExpr.Constant(0);
        foreach ((int l, Choice own) in variables)
        {
            PaperLayer layer = _layers[l];
            model.AddExactlyOne([own.LayerOutput, own.LayerInput, own.First, own.Second]);
            if (layerOutputOnly)
            {
                model.Add(own.LayerOutput == 1);
            }

            // s_ℓ = f_{ℓ−1}; nothing is the second of a pair behind a layer that is no convolution.
            if (variables.TryGetValue(l - 1, out Choice? previous))
            {
                model.Add(own.Second == previous.First);
            }
            else
            {
                model.Add(own.Second == 0);
            }

            // r_ℓ = o_ℓ·(o_{ℓ+1} + f_{ℓ+1})
            if (variables.TryGetValue(l + 1, out Choice? next))
            {
                LinearExpr reads = next.LayerOutput + next.First;
                model.Add(own.Reuses <= own.LayerOutput);
                model.Add(own.Reuses <= reads);
                model.Add(own.Reuses >= own.LayerOutput + reads - 1);
            }
            else
            {
                model.Add(own.First == 0);
                model.Add(own.Reuses == 0);
            }

            // In 1/N element. A layer behind a reusing one is LayerOutput or First, and then its M(N−1) falls away.
            total += own.LayerOutput * (volume * ((layer.InputElements * _ranks) + layer.OutputElements));
            total += own.Reuses * (volume * ((layer.OutputElements * _ranks) - layer.OutputElements));
            total += own.LayerInput * (volume * (layer.InputElements + (layer.OutputElements * _ranks)));
            total += own.First * (volume * layer.InputElements * _ranks);
            total += own.Second * (volume * layer.OutputElements * _ranks);
            if (previous is not null)
            {
                total -= previous.Reuses * (volume * layer.InputElements * _ranks);
            }
        }

        model.Minimize(total);
        CpSolver solver = Solve(model);
        strategies = [.. Enumerable.Range(0, _layerCount).Select(l =>
            variables.TryGetValue(l, out Choice? choice) ? choice.Strategy(solver)
            : l < firstLayer ? PaperStrategy.Tiled
            : PaperStrategy.None)];
        return Optimum(solver);
    }

    /// <summary>Bytes of floats, given in 1/N.</summary>
    private long Bytes(long parts) => (long)Math.Round((decimal)parts * sizeof(float) / _ranks, MidpointRounding.AwayFromZero);

    private static long Optimum(CpSolver solver) => (long)Math.Round(solver.ObjectiveValue);

    private static CpSolver Solve(CpModel model)
    {
        var solver = new CpSolver { StringParameters = "num_workers:1,random_seed:1" };
        CpSolverStatus status = solver.Solve(model);
        return status == CpSolverStatus.Optimal ? solver : throw new InvalidOperationException($"the paper's program ended {status}; it always has an optimum");
    }

    /// <summary>The variables o, i, f, s and r of one layer.</summary>
    private sealed class Choice(CpModel model, int layer)
    {
        public BoolVar LayerOutput { get; } = model.NewBoolVar($"layerOutput[{layer}]");

        public BoolVar LayerInput { get; } = model.NewBoolVar($"layerInput[{layer}]");

        public BoolVar First { get; } = model.NewBoolVar($"first[{layer}]");

        public BoolVar Second { get; } = model.NewBoolVar($"second[{layer}]");

        public BoolVar Reuses { get; } = model.NewBoolVar($"reuses[{layer}]");

        public PaperStrategy Strategy(CpSolver solver) =>
            solver.BooleanValue(LayerOutput) ? PaperStrategy.LayerOutput
            : solver.BooleanValue(LayerInput) ? PaperStrategy.LayerInput
            : solver.BooleanValue(First) ? PaperStrategy.FusedFirst
            : PaperStrategy.FusedSecond;
    }
}
