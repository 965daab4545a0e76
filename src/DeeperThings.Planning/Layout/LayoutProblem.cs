using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;

namespace DeeperThings.Planning.Layout;

/// <summary>One use of a feature map: by an input of a layer, or as an output of the network.</summary>
internal sealed class MapEdge
{
    public required int Number { get; init; }

    public required int Producer { get; init; }

    /// <summary>The consuming layer; the number of layers for the network's outputs, which come last.</summary>
    public required int Consumer { get; init; }

    public required int Input { get; init; }

    /// <summary>Distinct distributions of the map over the producer's candidates.</summary>
    public required RegionSet[] Own { get; init; }

    /// <summary>Distinct needs over the consumer's candidates.</summary>
    public required RegionSet[] Need { get; init; }

    /// <summary>[own, need]; null where that pair is left out.</summary>
    public required EdgeCost?[,] Costs { get; init; }

    /// <summary>The edges of the same map in front of this one, in the order of their deliveries.</summary>
    public required ImmutableArray<MapEdge> Earlier { get; init; }

    /// <summary>Whether no edge of the same map follows.</summary>
    public bool IsLast { get; set; } = true;

    /// <inheritdoc cref="Overwriting.InputOf"/>
    public bool IsOverwritten { get; init; }
}

/// <summary>
/// Everything that the program chooses from, as tables: the candidates of each layer, and the cost of each pair (own, need) on each edge. Candidates with
/// the same own (need) share a row (column) of these.
/// </summary>
internal sealed class LayoutProblem
{
    private readonly Dictionary<(int Own, int Need), EdgeCost> _costs = [];
    private readonly RegionSets _sets = new();
    private readonly RegionSet _inputOwn;

    public LayoutProblem(LayoutRequest request)
    {
        Request = request;
        Network network = request.Network;
        Candidates = new CandidateFactory(request, _sets, CostOf).Create();
        _inputOwn = _sets.Of(new OnRoot().Owners(network.InputShape, request.Ranks));
        var edges = ImmutableArray.CreateBuilder<MapEdge>();
        var byProducer = new Dictionary<int, List<MapEdge>>();
        foreach (Layer layer in network.Layers.Where(layer => !layer.IsIdentity))
        {
            for (int input = 0; input < layer.Inputs.Length; input++)
            {
                int number = input;
                AddEdge(network.Resolve(layer.Inputs[input]), layer.Index, input, Overwriting.InputOf(network, layer) == input, Candidates[layer.Index].Select(candidate => candidate.Needs[number]));
            }
        }

        foreach (int output in network.Outputs.Distinct())
        {
            AddEdge(output, network.Layers.Length, 0, isOverwritten: false, [_sets.Of(new OnRoot().Owners(network.ShapeOf(output), request.Ranks))]);
        }

        Edges = edges.ToImmutable();

        void AddEdge(int producer, int consumer, int input, bool isOverwritten, IEnumerable<RegionSet> needs)
        {
            if (!byProducer.TryGetValue(producer, out List<MapEdge>? earlier))
            {
                byProducer.Add(producer, earlier = []);
            }

            RegionSet[] own = producer == Network.Input ? [_inputOwn] : [.. Candidates[producer].Select(candidate => candidate.Own).Distinct()];
            RegionSet[] need = [.. needs.Distinct()];
            var costs = new EdgeCost?[own.Length, need.Length];
            for (int o = 0; o < own.Length; o++)
            {
                for (int n = 0; n < need.Length; n++)
                {
                    costs[o, n] = own[o].Part.Inside == need[n].Part.Inside ? CostOf(own[o], need[n]) : null;
                }
            }

            if (earlier.Count > 0)
            {
                earlier[^1].IsLast = false;
            }

            var edge = new MapEdge { Number = edges.Count, Producer = producer, Consumer = consumer, Input = input, Own = own, Need = need, Costs = costs, Earlier = [.. earlier], IsOverwritten = isOverwritten };
            earlier.Add(edge);
            edges.Add(edge);
        }

        foreach (MapEdge edge in Edges.Where(edge => edge.Producer != Network.Input))
        {
            LeaveOutUseless(edge, isOnly: edge.IsLast && edge.Earlier.IsEmpty);
        }
    }

    public LayoutRequest Request { get; }

    /// <summary>Per layer; none for identities.</summary>
    public Candidate[][] Candidates { get; }

    /// <summary>In the order in which <see cref="Lowering"/> delivers.</summary>
    public ImmutableArray<MapEdge> Edges { get; }

    public int Ranks => Request.Ranks;

    public ImmutableArray<LayerPlan> LayersOf(IReadOnlyList<int> choice)
    {
        ImmutableArray<LayerPlan> layers = [.. Request.Network.Layers.Select(layer => layer.IsIdentity
            ? new LayerPlan { Index = layer.Index, Name = layer.Name, Strategy = Strategy.Identity }
            : Candidates[layer.Index][choice[layer.Index]].Plan)];
        return UniformPlan.WithoutIdleWire(Request.Network, layers, Ranks);
    }

    /// <summary>Position in <see cref="MapEdge.Own"/> of what the producer's candidate owns.</summary>
    public int OwnOf(MapEdge edge, IReadOnlyList<int> choice) =>
        edge.Producer == Network.Input ? 0 : Array.IndexOf(edge.Own, Candidates[edge.Producer][choice[edge.Producer]].Own);

    /// <summary>Position in <see cref="MapEdge.Need"/> of what the consumer's candidate needs.</summary>
    public int NeedOf(MapEdge edge, IReadOnlyList<int> choice) =>
        edge.Consumer == Request.Network.Layers.Length ? 0 : Array.IndexOf(edge.Need, Candidates[edge.Consumer][choice[edge.Consumer]].Needs[edge.Input]);

    /// <summary>Whether a delivery for need <paramref name="earlierNeed"/> also serves <paramref name="need"/>, given what is owned.</summary>
    public static bool Serves(RegionSet own, RegionSet earlierNeed, RegionSet need)
    {
        for (int rank = 0; rank < own.Regions.Length; rank++)
        {
            if (!own[rank].Contains(need[rank]) && !earlierNeed[rank].Contains(need[rank]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether an earlier edge of the same map has brought what <paramref name="edge"/> needs.</summary>
    public bool IsServed(MapEdge edge, IReadOnlyList<int> choice)
    {
        if (edge.Earlier.IsEmpty)
        {
            return false;
        }

        RegionSet own = edge.Own[OwnOf(edge, choice)];
        RegionSet need = edge.Need[NeedOf(edge, choice)];
        return edge.Earlier.Any(earlier => Serves(own, earlier.Need[NeedOf(earlier, choice)], need));
    }

    private EdgeCost CostOf(RegionSet own, RegionSet need)
    {
        if (!_costs.TryGetValue((own.Number, need.Number), out EdgeCost? cost))
        {
            _costs.Add((own.Number, need.Number), cost = new(own, need, Request.Cluster));
        }

        return cost;
    }

    /// <summary>
    /// The margin of a stack is for the stack: where a map with margins has one consumer, pairs in which something moves all the same are left out. The plan
    /// without the margin computes less and moves about the same. Float16 is for what is sent: where nothing moves, the pair with float32 is the same.
    /// </summary>
    private void LeaveOutUseless(MapEdge edge, bool isOnly)
    {
        for (int o = 0; isOnly && o < edge.Own.Length; o++)
        {
            bool hasMargin = Candidates[edge.Producer].Where(candidate => candidate.Own == edge.Own[o]).All(candidate => candidate.HasMargin);
            for (int n = 0; n < edge.Need.Length; n++)
            {
                if (edge.Costs[o, n] is { } cost && (cost.MovesNothing ? edge.Own[o].Wire != ElementType.Float32 : hasMargin))
                {
                    edge.Costs[o, n] = null;
                }
            }
        }
    }
}
