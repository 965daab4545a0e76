using System.Globalization;

namespace DeeperThings.Evaluate;

/// <summary>One way to run a network.</summary>
/// <param name="Name">In tables and plots.</param>
/// <param name="File">In the names of files.</param>
/// <param name="Options">Of <c>plan</c>.</param>
internal sealed record Schedule(string Name, string File, params IReadOnlyList<string> Options)
{
    public const string OneDevice = "one device";
    public const string StarLayerOutput = "star, LOP";
    public const string StarOptimum = "star, paper's optimum";
    public const string PeersLayerOutput = "peers, LOP";
    public const string Joint = "joint plan";
    public const string JointAtPaperFootprint = "joint plan, paper's footprint";
    public const string ForEvenHosts = "joint plan for even hosts";
    public const string ForTheseHosts = "joint plan for these hosts";

    public static readonly IReadOnlyList<Schedule> All =
    [
        new(OneDevice, "one", "--strategy", "whole") { IsOneDevice = true },
        new(StarLayerOutput, "star-lop", "--strategy", "layer-output", "--schedule", "star"),
        new(StarOptimum, "star-optimum", "--formulation", "paper", "--schedule", "star"),
        new(PeersLayerOutput, "peers-lop", "--strategy", "layer-output"),
        new(Joint, "joint"),
        new(JointAtPaperFootprint, "joint-limit") { HasPaperLimit = true },
    ];

    public static readonly IReadOnlyList<Schedule> Uneven = [new(ForEvenHosts, "joint-even") { IsForEvenHosts = true }, new(ForTheseHosts, "joint-uneven")];

    /// <summary>Whether it needs no second device.</summary>
    public bool IsOneDevice { get; init; }

    /// <summary>Whether no rank may hold more than the paper's program says.</summary>
    public bool HasPaperLimit { get; init; }

    /// <summary>Whether the plan is made for hosts of equal speed, whatever it is executed on.</summary>
    public bool IsForEvenHosts { get; init; }

    /// <summary>Bytes that no rank may exceed; null for none.</summary>
    public long? LimitBytes { get; init; }

    /// <summary>Whether the plan depends on the cluster.</summary>
    public bool IsJoint => Options.Count == 0;

    /// <summary>The joint plan under a limit.</summary>
    public static Schedule Within(long bytes) =>
        new(string.Create(CultureInfo.InvariantCulture, $"joint plan within {bytes / 1e6:F2} MB"), $"joint-{bytes}") { LimitBytes = bytes };
}
