using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Tensors;

namespace DeeperThings.Planning.Layout;

/// <summary>What is to be planned.</summary>
public sealed record LayoutRequest
{
    public required Network Network { get; init; }

    /// <summary>Rank r runs on its host r; it has as many hosts as there are ranks.</summary>
    public required ClusterProfile Cluster { get; init; }

    public Objective Objective { get; init; } = Objective.Latency;

    /// <summary>Bytes of weights and arena that no rank may exceed; a host's memory is a limit in any case.</summary>
    public long? FootprintLimitBytes { get; init; }

    /// <summary>How all weights are stored in memory.</summary>
    public ElementType Weights { get; init; }

    /// <summary>How maps may be sent, but the network's input and outputs: each as float32, or so where that is better.</summary>
    public ElementType Wire { get; init; }

    /// <summary>
    /// Seconds that the proof of the objective may take, after which the best plan so far is returned, with its bound: 10 by default, of which the
    /// footprint takes three quarters. Each of the two tie-breaks may take 3 more, or 0.8 where there is no proof. All of it, with what is solved again where
    /// the arena needs more than the model thought, takes about twice the limit.
    /// </summary>
    public double TimeLimitSeconds { get; init; } = 10;

    /// <summary>Threads of the solver.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Whether <see cref="LayerCost.Alternative"/> is wanted: one more relaxation per layer.</summary>
    public bool ExplainAlternatives { get; init; }

    /// <summary>Candidates to choose from; all of them by default. For tests and for what-if questions.</summary>
    public Func<LayerPlan, bool>? Keep { get; init; }

    public int Ranks => Cluster.Hosts.Length;
}
