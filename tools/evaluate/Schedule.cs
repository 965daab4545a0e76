namespace DeeperThings.Evaluate;

/// <summary>One way to run a network.</summary>
/// <param name="Name">In tables and plots.</param>
/// <param name="File">In the names of files.</param>
/// <param name="Options">Of <c>plan</c>.</param>
/// <param name="IsOneDevice">Whether it needs no second device.</param>
/// <param name="HasLimit">Whether no rank may hold more than the paper's program says.</param>
internal sealed record Schedule(string Name, string File, IReadOnlyList<string> Options, bool IsOneDevice = false, bool HasLimit = false)
{
    public const string OneDevice = "one device";
    public const string StarLayerOutput = "star, LOP";
    public const string StarOptimum = "star, paper's optimum";
    public const string PeersLayerOutput = "peers, LOP";
    public const string Joint = "joint plan";
    public const string JointAtPaperFootprint = "joint plan, paper's footprint";

    public static readonly IReadOnlyList<Schedule> All =
    [
        new(OneDevice, "one", ["--strategy", "whole"], IsOneDevice: true),
        new(StarLayerOutput, "star-lop", ["--strategy", "layer-output", "--schedule", "star"]),
        new(StarOptimum, "star-optimum", ["--formulation", "paper", "--schedule", "star"]),
        new(PeersLayerOutput, "peers-lop", ["--strategy", "layer-output"]),
        new(Joint, "joint", []),
        new(JointAtPaperFootprint, "joint-limit", [], HasLimit: true),
    ];
}
