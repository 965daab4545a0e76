using System.Collections.Immutable;

namespace DeeperThings.Partitioning;

/// <summary>What a run of the plan takes, counted exactly from the lowered programs; one entry per rank.</summary>
public sealed record PlanCounts
{
    /// <summary>Weights and arena, bytes.</summary>
    public required ImmutableArray<long> FootprintBytes { get; init; }

    /// <summary>Packed weights and biases, bytes.</summary>
    public required ImmutableArray<long> WeightsBytes { get; init; }

    /// <summary>Bytes of feature maps sent per inference, input and output included.</summary>
    public required ImmutableArray<long> BytesSent { get; init; }

    public required ImmutableArray<long> BytesReceived { get; init; }

    /// <summary>Messages sent per inference.</summary>
    public required ImmutableArray<int> Messages { get; init; }

    /// <summary>Floating-point operations per inference, redundant ones included.</summary>
    public required ImmutableArray<long> Flops { get; init; }

    /// <summary>Whether <paramref name="program"/> takes exactly what is counted here for its rank.</summary>
    public bool Match(RankProgram program) =>
        FootprintBytes[program.Rank] == program.FootprintBytes
        && WeightsBytes[program.Rank] == program.WeightsBytes
        && BytesSent[program.Rank] == program.BytesSent
        && BytesReceived[program.Rank] == program.BytesReceived
        && Messages[program.Rank] == program.Messages
        && Flops[program.Rank] == program.Flops;

    /// <summary>Whether there is a count for each of <paramref name="ranks"/> ranks.</summary>
    public bool HaveRanks(int ranks) =>
        FootprintBytes.Length == ranks && WeightsBytes.Length == ranks && BytesSent.Length == ranks && BytesReceived.Length == ranks && Messages.Length == ranks && Flops.Length == ranks;

    public static PlanCounts Of(IReadOnlyList<RankProgram> programs) => new()
    {
        FootprintBytes = [.. programs.Select(program => program.FootprintBytes)],
        WeightsBytes = [.. programs.Select(program => program.WeightsBytes)],
        BytesSent = [.. programs.Select(program => program.BytesSent)],
        BytesReceived = [.. programs.Select(program => program.BytesReceived)],
        Messages = [.. programs.Select(program => program.Messages)],
        Flops = [.. programs.Select(program => program.Flops)],
    };
}
