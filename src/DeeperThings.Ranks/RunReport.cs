using System.Diagnostics;
using DeeperThings.Partitioning;

namespace DeeperThings.Ranks;

/// <summary>What one rank did in a run; bytes and messages over all inferences.</summary>
internal sealed record RankReport
{
    public required int Rank { get; init; }

    public required string Host { get; init; }

    public required long FootprintBytesPlanned { get; init; }

    public required long FootprintBytesAllocated { get; init; }

    public required long PeakResidentBytes { get; init; }

    /// <summary>Resident bytes after the first inference of the run.</summary>
    public required long ResidentBytesFirst { get; init; }

    /// <summary>Resident bytes after the last inference of the run.</summary>
    public required long ResidentBytesLast { get; init; }

    /// <summary>Managed bytes allocated by all inferences but the first of each input.</summary>
    public required long ManagedBytesAllocated { get; init; }

    /// <summary>Garbage collections during the same inferences.</summary>
    public required int Collections { get; init; }

    public required long BytesSent { get; init; }

    public required long BytesReceived { get; init; }

    public required long BytesSentPlanned { get; init; }

    public required long BytesReceivedPlanned { get; init; }

    public required long WeightsBytesRead { get; init; }

    public required long Messages { get; init; }

    public required double SecondsCompute { get; init; }

    public required double SecondsCommunicate { get; init; }

    /// <summary>Whether bytes and footprint are exactly the planned ones.</summary>
    public bool IsAsPlanned() =>
        FootprintBytesAllocated == FootprintBytesPlanned && BytesSent == BytesSentPlanned && BytesReceived == BytesReceivedPlanned;

    public static RankReport Of(RankSession session, int inferences, MemoryMeter memory)
    {
        RankProgram program = session.Program;
        double compute = 0;
        double communicate = 0;
        for (int step = 0; step < program.Steps.Length; step++)
        {
            double seconds = session.Executor.Clock.TotalSeconds(step);
            if (program.Steps[step] is RedistributeStep or FinishStep or ReduceScatterStep)
            {
                communicate += seconds;
            }
            else
            {
                compute += seconds;
            }
        }

        using var process = Process.GetCurrentProcess();
        return new()
        {
            Rank = session.Comm.Rank,
            Host = session.Comm.Host,
            FootprintBytesPlanned = session.Plan.Counts.FootprintBytes[session.Comm.Rank],
            FootprintBytesAllocated = session.Executor.FootprintBytesAllocated,
            PeakResidentBytes = process.PeakWorkingSet64,
            ResidentBytesFirst = memory.ResidentBytesFirst,
            ResidentBytesLast = memory.ResidentBytesLast,
            ManagedBytesAllocated = memory.ManagedBytesAllocated,
            Collections = memory.Collections,
            BytesSent = session.Comm.BytesSent,
            BytesReceived = session.Comm.BytesReceived,
            BytesSentPlanned = session.Plan.Counts.BytesSent[session.Comm.Rank] * inferences,
            BytesReceivedPlanned = session.Plan.Counts.BytesReceived[session.Comm.Rank] * inferences,
            WeightsBytesRead = session.Weights.BytesRead,
            Messages = session.Comm.MessagesSent,
            SecondsCompute = compute,
            SecondsCommunicate = communicate,
        };
    }
}

/// <summary>Median seconds of the inferences of one input.</summary>
internal sealed record InputReport(string Name, double Seconds);

/// <summary>The contents of <c>run.json</c>.</summary>
internal sealed record RunReport(string Model, string Plan, IReadOnlyList<RankReport> Ranks, IReadOnlyList<InputReport> Inputs);
