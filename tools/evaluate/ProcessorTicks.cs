using System.Globalization;

namespace DeeperThings.Evaluate;

/// <summary>Time of all processors since the machine's start, in the kernel's ticks.</summary>
/// <param name="All">Idle or not.</param>
/// <param name="Stolen">In which something wanted to run here and the hypervisor ran another machine.</param>
internal readonly record struct ProcessorTicks(long All, long Stolen)
{
    private const string Statistics = "/proc/stat";
    private const int StolenField = 7;

    /// <summary>As <c>/proc/stat</c> says now; nothing stolen where there is no such file.</summary>
    public static ProcessorTicks Now() => File.Exists(Statistics) ? Of(File.ReadLines(Statistics).First()) : default;

    /// <summary>Of the line <c>cpu user nice system idle iowait irq softirq steal ...</c> (proc_stat(5)); what follows, time of guests, is part of the first two.</summary>
    public static ProcessorTicks Of(string line)
    {
        long[] fields = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(StolenField + 1).Select(field => long.Parse(field, CultureInfo.InvariantCulture))];
        return new(fields.Sum(), fields.ElementAtOrDefault(StolenField));
    }

    /// <summary>The part of the time since <paramref name="earlier"/> that was stolen.</summary>
    public double StolenShareSince(ProcessorTicks earlier) => All > earlier.All ? (double)(Stolen - earlier.Stolen) / (All - earlier.All) : 0;
}
