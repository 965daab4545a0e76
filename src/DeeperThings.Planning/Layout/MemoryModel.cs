using DeeperThings.Models;

namespace DeeperThings.Planning.Layout;

/// <summary>Bytes per rank that are alive from one phase to another, both included.</summary>
internal readonly record struct Alive(int First, int Last, long[] Bytes);

/// <summary>
/// When what is alive: a model of what <see cref="Partitioning.Lowering"/> and its arena really do, linear in the program's variables. A layer has one phase
/// for the delivery of each input, one in which it is computed, and one in which its partial sums are reduced. The arena may need more than the
/// largest phase, because its buffers do not always fit together; lowering then tells, and the program is solved again with a tighter limit.
/// </summary>
internal sealed class MemoryModel
{
    private readonly LayoutProblem _problem;
    private readonly int[] _deliver;
    private readonly int[] _compute;
    private readonly int[] _reduce;
    private readonly Dictionary<int, int> _lastDelivery = [];
    private readonly List<int> _layerOfPhase = [];

    public MemoryModel(LayoutProblem problem)
    {
        _problem = problem;
        int layers = problem.Request.Network.Layers.Length;
        _deliver = new int[problem.Edges.Length];
        _compute = new int[layers + 1];
        _reduce = new int[layers + 1];
        var byConsumer = problem.Edges.ToLookup(edge => edge.Consumer);
        for (int layer = 0; layer <= layers; layer++)
        {
            foreach (MapEdge edge in byConsumer[layer])
            {
                _deliver[edge.Number] = AddPhase(layer);
                _lastDelivery[edge.Producer] = _deliver[edge.Number];
            }

            _compute[layer] = AddPhase(layer);
            bool mayReduce = layer < layers && problem.Candidates[layer].Any(candidate => candidate.Reduce.Bytes > 0);
            _reduce[layer] = mayReduce ? AddPhase(layer) : _compute[layer];
        }
    }

    public int PhaseCount => _layerOfPhase.Count;

    /// <summary>The layer of a phase; the number of layers for the network's outputs.</summary>
    public int LayerOf(int phase) => _layerOfPhase[phase];

    /// <summary>The phases in which layers that are run together are computed and reduced, both included.</summary>
    public (int First, int Last) PhasesOf(int firstLayer, int lastLayer) => (_compute[firstLayer], _reduce[lastLayer]);

    /// <summary>What is alive because a layer is run as <paramref name="candidate"/>. All windows of a stack are alive in all of it.</summary>
    public IEnumerable<Alive> OfUse(int layer, Candidate candidate)
    {
        bool reduces = candidate.Plan.Strategy == Partitioning.Strategy.LayerInput;
        int first = _compute[candidate.Stack.First];
        int last = candidate.Stack.IsReduced ? _reduce[candidate.Stack.Last] : _compute[candidate.Stack.Last];
        yield return new(_compute[layer], _compute[layer], candidate.ScratchBytes);
        yield return new(reduces && !candidate.Stack.HasStrips ? _reduce[layer] : first, LastDelivery(layer), candidate.OwnBytes);
        yield return new(first, last, candidate.WindowBytes);
        if (reduces)
        {
            yield return new(first, _reduce[layer], candidate.PartialBytes);
            yield return new(_reduce[layer], _reduce[layer], candidate.ReduceBytes);
        }
    }

    /// <summary>The network's input on the root.</summary>
    public Alive OfInput(RegionSet own) => new(0, LastDelivery(Network.Input), [.. own.Regions.Select(region => Tensors.Arena.Align(region.Bytes))]);

    /// <summary>By how much the producer's map is stored larger for an edge; of several edges the largest counts.</summary>
    public Alive OfGrowth(MapEdge edge, EdgeCost cost) =>
        new(edge.Producer == Network.Input ? 0 : _compute[edge.Producer], LastDelivery(edge.Producer), cost.Growth);

    /// <summary>The producer's map where its last consumer reads it in place, and otherwise needs it no longer.</summary>
    public IEnumerable<Alive> OfReadingInPlace(MapEdge edge, RegionSet own, RegionSet need, EdgeCost cost) =>
        edge.IsLast && own.Part.Inside == 0 ? UntilRead(_deliver[edge.Number] + 1, edge, need, cost, cost.Kept) : [];

    /// <summary>What a delivery of its own takes.</summary>
    public IEnumerable<Alive> OfDelivery(MapEdge edge, RegionSet need, EdgeCost cost)
    {
        int phase = _deliver[edge.Number];
        return UntilRead(phase, edge, need, cost, cost.Target).Prepend(new(phase, phase, cost.Staging));
    }

    /// <summary>What it takes to keep an earlier delivery for this edge.</summary>
    public IEnumerable<Alive> OfKeeping(MapEdge edge, RegionSet need, EdgeCost cost) =>
        UntilRead(_compute[edge.Earlier[^1].Consumer] + 1, edge, need, cost, cost.Target);

    /// <summary>
    /// What the consumer reads. A stack reads its input until its last layer is computed; a layer that is computed in the memory of its input has that as its own.
    /// </summary>
    private IEnumerable<Alive> UntilRead(int first, MapEdge edge, RegionSet need, EdgeCost cost, long[] bytes)
    {
        int last = _compute[Math.Max(edge.Consumer, need.Part.Until)];
        bool isOverwritten = edge.IsOverwritten && need.Part == default;
        if (first < last || (first == last && !isOverwritten))
        {
            yield return new(first, isOverwritten ? last - 1 : last, bytes);
        }

        if (isOverwritten && first <= last)
        {
            yield return new(last, last, [.. bytes.Select((count, rank) => cost.Overwritten[rank] ? 0 : count)]);
        }
    }

    private int LastDelivery(int producer) => _lastDelivery[producer];

    private int AddPhase(int layer)
    {
        _layerOfPhase.Add(layer);
        return _layerOfPhase.Count - 1;
    }
}
