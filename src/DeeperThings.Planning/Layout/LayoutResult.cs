using System.Collections.Immutable;
using DeeperThings.Partitioning;

namespace DeeperThings.Planning.Layout;

/// <summary>What one layer of a plan costs by the model.</summary>
/// <param name="ComputeSeconds">Of the slowest rank, redundant operations included.</param>
/// <param name="MoveSeconds">To bring the layer its inputs, and to reduce its partial sums.</param>
/// <param name="BytesMoved">Likewise.</param>
/// <param name="Candidates">Ways to run it that were considered.</param>
/// <param name="Alternative">The best way to run it by another strategy, with the other layers as good as they then can be; null where there is none, or where it was not asked for.</param>
public sealed record LayerCost(int Index, double ComputeSeconds, double MoveSeconds, long BytesMoved, int Candidates, LayerAlternative? Alternative);

/// <summary>Another strategy for one layer, and by how much the objective grows with it at least, whatever the other layers then do.</summary>
/// <param name="Increase">In the objective's unit: seconds or bytes; a bound from below, exact where the relaxation has an integral optimum.</param>
public sealed record LayerAlternative(LayerPlan Plan, double Increase);

/// <summary>What the solver did.</summary>
/// <param name="Variables">Of the program, before any reduction.</param>
/// <param name="Seconds">All of it: tables, relaxations, exact solutions, lowering.</param>
public sealed record SolveStatistics(int Candidates, int Variables, int Constraints, double Seconds, double TableSeconds, int Tightenings, string Trace);

/// <summary>A plan with its proof.</summary>
public sealed record LayoutResult
{
    public required Plan Plan { get; init; }

    public required Objective Objective { get; init; }

    /// <summary>Predicted seconds per inference.</summary>
    public required double Seconds { get; init; }

    /// <summary>Bytes that move per inference; equal to the plan's counts.</summary>
    public required long Bytes { get; init; }

    /// <summary>Largest footprint by the model, which the plan's exact counts may exceed a little.</summary>
    public required long ModelFootprintBytes { get; init; }

    /// <summary>The objective's value in its own unit: seconds or bytes (for the footprint, by the model).</summary>
    public required double Value { get; init; }

    /// <summary>Proven: no choice of candidates has a smaller value.</summary>
    public required double Bound { get; init; }

    /// <summary>(Value − Bound) / Value.</summary>
    public double Gap => Value == 0 ? 0 : Math.Max(0, (Value - Bound) / Value);

    /// <summary>Whether value and bound are equal.</summary>
    public required bool IsOptimal { get; init; }

    public required SolveStatistics Statistics { get; init; }

    public required ImmutableArray<LayerCost> Layers { get; init; }
}

/// <summary>One point of the front.</summary>
/// <param name="LimitBytes">The limit under which it is the fastest.</param>
public sealed record ParetoPoint(long LimitBytes, LayoutResult Result)
{
    public double Seconds => Result.Seconds;

    /// <summary>The exact footprint of the largest rank.</summary>
    public long FootprintBytes => Result.Plan.Counts.FootprintBytes.Max();
}
