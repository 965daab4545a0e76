namespace DeeperThings.Evaluate;

/// <summary>A plan to be made and executed.</summary>
/// <param name="Part">Of the evaluation; one of <see cref="Evaluate.Part.All"/>.</param>
/// <param name="Network">Name of a model in <c>models/</c>.</param>
/// <param name="Ranks">How many.</param>
/// <param name="Rate">Of each link.</param>
/// <param name="Schedule">What is planned.</param>
/// <param name="Turn">From 1 on: the same plan is executed once in each turn, on a profile of that turn.</param>
internal sealed record Run(string Part, string Network, int Ranks, string Rate, Schedule Schedule, int Turn = 1)
{
    /// <summary>
    /// Whether links take most of its time: a schedule that knows of no rate, on links that have one. It takes the same time whenever it is made, where a machine's processors may be faster or slower by the minute.
    /// </summary>
    public bool IsBoundByLinks => Rate != Stage.Unlimited && !Schedule.IsOneDevice && !Schedule.IsJoint;

    /// <summary>What identifies it in a scope; see <see cref="Measurement.Key"/>.</summary>
    public string KeyAt(int cpu) => Measurement.KeyOf(Part, Network, Ranks, Rate, Schedule.Name, cpu, Turn);
}
