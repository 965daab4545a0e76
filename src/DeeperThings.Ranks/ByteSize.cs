using System.Globalization;

namespace DeeperThings.Ranks;

/// <summary>Sizes on the command line: <c>64MB</c> is 64·10⁶ bytes, <c>64MiB</c> 64·2²⁰, <c>64000</c> bytes.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, double Bytes)[] s_units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("KB", 1e3), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1),
    ];

    /// <exception cref="UsageException"><paramref name="text"/> is no size.</exception>
    public static long Parse(string option, string text)
    {
        string number = text;
        double unit = 1;
        foreach ((string name, double bytes) in s_units)
        {
            if (text.EndsWith(name, StringComparison.Ordinal))
            {
                number = text[..^name.Length].TrimEnd();
                unit = bytes;
                break;
            }
        }

        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value * unit < long.MaxValue
            ? (long)Math.Round(value * unit)
            : throw new UsageException($"{option} {text}: allowed are numbers with B, kB, MB, GB, KiB, MiB or GiB, e.g. 64MB");
    }
}
