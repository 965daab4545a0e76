using System.Text.Json.Serialization;

namespace DeeperThings.Evaluate;

/// <summary>What the plan says of one rank's link per inference, and what the interface counted over the whole run, start and end of the ranks included.</summary>
internal sealed record LinkBytes(int Rank, long SentPlanned, long ReceivedPlanned, long SentCounted, long ReceivedCounted)
{
    /// <summary>In its busier direction.</summary>
    [JsonIgnore]
    public long BusierPlanned => Math.Max(SentPlanned, ReceivedPlanned);

    /// <summary>In the direction that is the busier one by plan.</summary>
    [JsonIgnore]
    public long BusierCounted => SentPlanned >= ReceivedPlanned ? SentCounted : ReceivedCounted;
}

/// <summary>One plan that was executed on the emulated cluster.</summary>
internal sealed record Measurement
{
    /// <summary>Of the evaluation; one of <see cref="Evaluate.Part.All"/>.</summary>
    public required string Part { get; init; }

    public required string Network { get; init; }

    public required int Ranks { get; init; }

    /// <summary>Of each link, e.g. <c>100mbit</c> or <c>unlimited</c>.</summary>
    public required string Rate { get; init; }

    public required string Schedule { get; init; }

    /// <summary>Percent of a core that each host has.</summary>
    public required int Cpu { get; init; }

    /// <inheritdoc cref="Evaluate.Run" path="/param[@name='Turn']"/>
    public required int Turn { get; init; }

    /// <summary>The plan's file, in the measurements' folder.</summary>
    public required string Plan { get; init; }

    /// <summary>The profile of the cluster on which it was executed, in the measurements' folder.</summary>
    public required string Profile { get; init; }

    /// <summary>The largest footprint that the plan was allowed; null for none.</summary>
    public long? FootprintLimitBytes { get; init; }

    /// <summary>Largest footprint of a rank: planned and, equally, allocated.</summary>
    public required long FootprintBytes { get; init; }

    /// <summary>Largest resident memory of a rank's process.</summary>
    public required long PeakResidentBytes { get; init; }

    /// <summary>Inferences of the run; <see cref="Seconds"/> is their median.</summary>
    public required int Inferences { get; init; }

    public required double Seconds { get; init; }

    /// <summary>By <c>simulate</c>, on the profile of this cluster, before the run.</summary>
    public required double PredictedSeconds { get; init; }

    /// <inheritdoc cref="Trace" path="/param[@name='WireSeconds']"/>
    public required double WireSeconds { get; init; }

    /// <inheritdoc cref="Trace" path="/param[@name='ExchangeBytes']"/>
    public required long ExchangeBytes { get; init; }

    /// <summary>Bytes per second of a link, as the profile measured it.</summary>
    public required double LinkBytesPerSecond { get; init; }

    /// <summary>Whether bytes and footprint of every rank were the planned ones.</summary>
    public required bool AsPlanned { get; init; }

    /// <summary>Part of this machine's processor time that was other machines' during the run; null where it was not recorded.</summary>
    public double? StolenShare { get; init; }

    public required IReadOnlyList<LinkBytes> Links { get; init; }

    /// <summary>What identifies it: it is not made again.</summary>
    [JsonIgnore]
    public string Key => KeyOf(Part, Network, Ranks, Rate, Schedule, Cpu, Turn);

    /// <summary>What it has in common with the other turns of the same run.</summary>
    [JsonIgnore]
    public string FirstKey => KeyOf(Part, Network, Ranks, Rate, Schedule, Cpu, 1);

    /// <summary>Bytes per inference in the busier direction of the busiest link.</summary>
    [JsonIgnore]
    public long BusiestBytes => Links.Count == 0 ? 0 : Links.Max(link => link.BusierPlanned);

    /// <summary>Bytes per inference of the busiest link, in both directions together: the root of a star sends what it has received.</summary>
    [JsonIgnore]
    public long BusiestBytesBothWays => Links.Count == 0 ? 0 : Links.Max(link => link.SentPlanned + link.ReceivedPlanned);

    /// <summary>Bytes per inference over all links.</summary>
    [JsonIgnore]
    public long TotalBytes => Links.Sum(link => link.SentPlanned);

    /// <summary>Seconds in which a link carries so many bytes.</summary>
    public double LinkSeconds(long bytes) => bytes / LinkBytesPerSecond;

    public static string KeyOf(string part, string network, int ranks, string rate, string schedule, int cpu, int turn) =>
        $"{part}: {network} N={ranks} {rate} {schedule} cpu={cpu}%{(turn == 1 ? string.Empty : $", turn {turn}")}";
}
