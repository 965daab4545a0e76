namespace DeeperThings.Evaluate;

/// <summary>A plan to be made and executed.</summary>
internal sealed record Run(string Part, string Network, int Ranks, string Rate, Schedule Schedule)
{
    /// <summary>What identifies it in a scope; see <see cref="Measurement.Key"/>.</summary>
    public string KeyAt(int cpu) => Measurement.KeyOf(Part, Network, Ranks, Rate, Schedule.Name, cpu);
}
