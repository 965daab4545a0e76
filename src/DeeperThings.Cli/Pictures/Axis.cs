namespace DeeperThings.Cli.Pictures;

/// <summary>Values from <paramref name="Least"/> to <paramref name="Most"/> on pixels from <paramref name="First"/> to <paramref name="Last"/>.</summary>
internal readonly record struct Axis(double Least, double Most, double First, double Last)
{
    private const double Margin = 0.05;

    /// <summary>An axis on which all <paramref name="values"/> lie, with some room; from zero where that is asked for.</summary>
    public static Axis Over(IReadOnlyCollection<double> values, double first, double last, bool fromZero = false)
    {
        (double least, double most) = (values.Min(), values.Max());
        double margin = Math.Max((most - least) * Margin, Math.Max(Math.Abs(most), double.Epsilon) * Margin / 5);
        return new(fromZero ? Math.Min(0, least) : least - margin, most + margin, first, last);
    }

    public double Place(double value) => First + ((value - Least) / (Most - Least) * (Last - First));

    /// <summary>Round values (1, 2 or 5 times a power of ten), of which at most <paramref name="count"/> and one more fit.</summary>
    public IEnumerable<double> Ticks(int count)
    {
        double rough = (Most - Least) / count;
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = power * new[] { 1.0, 2, 5, 10 }.First(factor => factor * power >= rough * (1 - 1e-9));
        for (double number = Math.Ceiling((Least / step) - 1e-9); number * step <= Most; number++)
        {
            yield return (number * step) + 0.0; // not -0
        }
    }
}
