namespace DeeperThings.Evaluate;

/// <summary>Parts of the evaluation.</summary>
internal static class Part
{
    /// <summary>Every schedule on every number of ranks.</summary>
    public const string Schedules = "schedules";

    /// <summary>The joint plans under a sequence of limits.</summary>
    public const string Front = "front";

    /// <summary>One device at half speed.</summary>
    public const string Uneven = "uneven";

    public static readonly IReadOnlyList<string> All = [Schedules, Front, Uneven];
}
