namespace DeeperThings.Evaluate;

/// <summary>How many inferences a run has: as many as take some seconds, so that a moment in which the machine is slower is not all that is measured; one where they are long.</summary>
internal static class Repeats
{
    private const double MostSeconds = 5;
    private const double ShortSeconds = 4;
    private const int Least = 3;
    private const int Most = 25;

    public static int Of(double predictedSeconds) =>
        Math.Clamp((int)(MostSeconds / Math.Max(predictedSeconds, 1e-3)), predictedSeconds < ShortSeconds ? Least : 1, Most);
}
