using System.Collections.Immutable;
using DeeperThings.Partitioning;

namespace DeeperThings.Planning.Simulation;

/// <summary>How far a rank has come.</summary>
internal sealed class SimulatedRank(int rank, ImmutableArray<Step> steps)
{
    private bool _hasComputed;

    public int Rank { get; } = rank;

    public ImmutableArray<Step> Steps { get; } = steps;

    public ImmutableArray<SimulatedStep>.Builder Done { get; } = ImmutableArray.CreateBuilder<SimulatedStep>(steps.Length);

    public bool IsDone => Done.Count == Steps.Length;

    /// <summary>The step in which it is.</summary>
    public Step Step => Steps[Done.Count];

    /// <summary>When that began.</summary>
    public double Now { get; private set; }

    /// <summary>When all messages of the exchange in which it is are packed.</summary>
    public double Packed { get; set; }

    /// <summary>Exchanges that it has begun and not ended.</summary>
    public List<int> Awaited { get; } = [];

    /// <summary>Messages of those that have not left.</summary>
    public int Unsent { get; set; }

    /// <summary>Seconds of this exchange in which it had packed and its link carried nothing.</summary>
    public double Idle { get; private set; }

    /// <summary>Whether it has computed since this was asked last.</summary>
    public bool TakeHasComputed()
    {
        bool hasComputed = _hasComputed;
        _hasComputed = false;
        return hasComputed;
    }

    public void PassTime(double from, double to, bool isLinkBusy)
    {
        if (!IsDone && !isLinkBusy)
        {
            Idle += Math.Max(0, to - Math.Max(from, Packed));
        }
    }

    public void End(SimulatedStep step)
    {
        Done.Add(step);
        _hasComputed |= step is { Kind: SimulatedKind.Compute, Seconds: > 0 };
        Now = step.EndSeconds;
        Packed = Now;
        Idle = 0;
    }
}
