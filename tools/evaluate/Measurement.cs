using System.Text.Json.Serialization;

namespace DeeperThings.Evaluate;

/// <summary>What the plan says of one rank's link per inference, and what the interface counted over the whole run, start and end of the ranks included.</summary>
internal sealed record LinkBytes(int Rank, long SentPlanned, long ReceivedPlanned, long SentCounted, long ReceivedCounted);

/// <summary>One plan that was executed on the emulated cluster.</summary>
internal sealed record Measurement
{
    public required string Network { get; init; }

    public required int Ranks { get; init; }

    /// <summary>Of each link, e.g. <c>100mbit</c> or <c>unlimited</c>.</summary>
    public required string Rate { get; init; }

    public required string Schedule { get; init; }

    /// <summary>Percent of a core that each host has.</summary>
    public required int Cpu { get; init; }

    /// <summary>The largest footprint that the plan was allowed; null for none.</summary>
    public long? FootprintLimitBytes { get; init; }

    /// <summary>Largest footprint of a rank: planned and, equally, allocated.</summary>
    public required long FootprintBytes { get; init; }

    /// <summary>Largest resident memory of a rank's process.</summary>
    public required long PeakResidentBytes { get; init; }

    /// <summary>Inferences of the run; <see cref="Seconds"/> is their median.</summary>
    public required int Inferences { get; init; }

    public required double Seconds { get; init; }

    /// <summary>By <c>simulate</c>, on the profile of this cluster.</summary>
    public required double PredictedSeconds { get; init; }

    /// <summary>The part of the last inference in which an exchange goes on for which no rank is late.</summary>
    public required double WireSeconds { get; init; }

    /// <summary>Bytes per second of a link, as the profile measured it.</summary>
    public required double LinkBytesPerSecond { get; init; }

    /// <summary>Whether bytes and footprint of every rank were the planned ones.</summary>
    public required bool AsPlanned { get; init; }

    public required IReadOnlyList<LinkBytes> Links { get; init; }

    /// <summary>What identifies a run: it is not made again.</summary>
    [JsonIgnore]
    public string Key => KeyOf(Network, Ranks, Rate, Schedule, Cpu);

    /// <summary>Bytes per inference in the busier direction of the busiest link.</summary>
    [JsonIgnore]
    public long BusiestBytes => Links.Count == 0 ? 0 : Links.Max(link => Math.Max(link.SentPlanned, link.ReceivedPlanned));

    /// <summary>Bytes per inference over all links.</summary>
    [JsonIgnore]
    public long TotalBytes => Links.Sum(link => link.SentPlanned);

    public static string KeyOf(string network, int ranks, string rate, string schedule, int cpu) => $"{network} N={ranks} {rate} {schedule} cpu={cpu}%";
}
