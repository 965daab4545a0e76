using System.Collections.Immutable;

namespace DeeperThings.Planning.Simulation;

/// <summary>What a rank does in one step.</summary>
public enum SimulatedKind
{
    Input,
    Compute,
    Redistribute,
    ReduceScatter,
    Output,
}

/// <summary>One step of one rank.</summary>
/// <param name="Layer">The layer whose work or output this is; <see cref="Models.Network.Input"/> for the network's input.</param>
/// <param name="WaitSeconds">Part of the step in which the rank's link is idle: it waits for another rank.</param>
public sealed record SimulatedStep(int Layer, SimulatedKind Kind, double StartSeconds, double EndSeconds, double WaitSeconds, long BytesSent, long BytesReceived)
{
    public double Seconds => EndSeconds - StartSeconds;
}

/// <summary>A predicted timeline.</summary>
/// <param name="Ranks">Per rank, its steps in order.</param>
public sealed record SimulatedRun(ImmutableArray<ImmutableArray<SimulatedStep>> Ranks)
{
    /// <summary>Until the last rank is done.</summary>
    public double Seconds => Ranks.Max(steps => steps.IsEmpty ? 0 : steps[^1].EndSeconds);

    public double ComputeSeconds(int rank) => Ranks[rank].Where(step => step.Kind == SimulatedKind.Compute).Sum(step => step.Seconds);

    /// <summary>In communication, without the waits.</summary>
    public double CommunicateSeconds(int rank) => Ranks[rank].Where(step => step.Kind != SimulatedKind.Compute).Sum(step => step.Seconds - step.WaitSeconds);

    public double WaitSeconds(int rank) => Ranks[rank].Sum(step => step.WaitSeconds);
}
