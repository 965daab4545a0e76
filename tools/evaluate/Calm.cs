using System.Globalization;

namespace DeeperThings.Evaluate;

/// <summary>
/// Measures again what the machine was disturbed in. A virtual machine's processors are now and then given to other machines; Linux counts that time as stolen (<c>steal</c> of <c>/proc/stat</c>).
/// It is known without looking at what was measured, so whatever is repeated is not chosen by its result.
/// </summary>
internal static class Calm
{
    private const double MostStolen = 0.03;
    private const int Attempts = 4;

    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The calmest of up to four measurements: the first of which at most 3 % of the processors' time was stolen, or one that takes two minutes or more, which are not spent twice.
    /// </summary>
    /// <param name="measure">Measures once.</param>
    /// <param name="say">Told how much was stolen of one that is repeated.</param>
    /// <param name="ticks">The processors' time now; those of this machine, unless given.</param>
    /// <typeparam name="T">Of a measurement.</typeparam>
    public static (T Result, double StolenShare) Of<T>(Func<T> measure, Action<string> say, Func<ProcessorTicks>? ticks = null)
    {
        ticks ??= ProcessorTicks.Now;
        (T Result, double StolenShare) calmest = (default!, double.PositiveInfinity);
        for (int attempt = 1; ; attempt++)
        {
            DateTime start = DateTime.UtcNow;
            ProcessorTicks before = ticks();
            T result = measure();
            double stolen = ticks().StolenShareSince(before);
            if (stolen < calmest.StolenShare)
            {
                calmest = (result, stolen);
            }

            if (calmest.StolenShare <= MostStolen || attempt == Attempts || DateTime.UtcNow - start >= s_long)
            {
                return calmest;
            }

            say(string.Create(CultureInfo.InvariantCulture, $"other machines took {stolen:P1} of the processors' time: measuring again"));
        }
    }
}
