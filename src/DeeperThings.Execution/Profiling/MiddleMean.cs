namespace DeeperThings.Execution.Profiling;

/// <summary>The mean of samples but the least and the greatest quarter: neither a disturbed moment nor the gap between two samples decides it.</summary>
internal static class MiddleMean
{
    /// <param name="samples">At least one.</param>
    public static double Of(IReadOnlyCollection<double> samples)
    {
        int quarter = samples.Count / 4;
        return samples.Order().Skip(quarter).SkipLast(quarter).Average();
    }
}
