using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Planning.Cluster;

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

    /// <summary>Digest of the weights for the plan's header.</summary>
    public string? WeightsDigest { get; init; }

    /// <summary>Seconds after which the best plan so far is returned, with its bound.</summary>
    public double TimeLimitSeconds { get; init; } = 60;

    /// <summary>Threads of the solver.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Whether <see cref="LayerCost.Alternative"/> is wanted: one more relaxation per layer.</summary>
    public bool ExplainAlternatives { get; init; }

    /// <summary>Candidates to choose from; all of them by default. For tests and for what-if questions.</summary>
    public Func<LayerPlan, bool>? Keep { get; init; }

    public int Ranks => Cluster.Hosts.Length;
}
