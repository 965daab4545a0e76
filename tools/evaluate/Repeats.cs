namespace DeeperThings.Evaluate;

/// <summary>How many inferences a run has: enough for a median where they are short, one where they are long.</summary>
internal static class Repeats
{
    private const double MostSeconds = 8;
    private const double ShortSeconds = 4;
    private const int Least = 3;
    private const int Most = 5;

    public static int Of(double predictedSeconds) =>
        Math.Clamp((int)(MostSeconds / Math.Max(predictedSeconds, 1e-3)), predictedSeconds < ShortSeconds ? Least : 1, Most);
}
