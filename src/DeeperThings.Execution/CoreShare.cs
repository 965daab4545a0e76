using System.Globalization;
using System.Text;
using DeeperThings.Mpi;

namespace DeeperThings.Execution;

/// <summary>
/// How many threads a rank gets where nothing is said: its part of the cores that it may use, each shared evenly by the ranks that may use it. Ranks that a launcher bound to
/// cores of their own have those for themselves.
/// </summary>
public static class CoreShare
{
    private const string StatusFile = "/proc/self/status";
    private const string CoresField = "Cpus_allowed_list:";

    /// <summary>Threads of this rank; collective.</summary>
    public static int Threads(Communicator comm)
    {
        ArgumentNullException.ThrowIfNull(comm);
        string allowed = AllowedCores();
        string[][] ranks = [.. comm.AllgatherBlobs(Encoding.UTF8.GetBytes($"{comm.Host}\n{allowed}")).Select(blob => Encoding.UTF8.GetString(blob).Split('\n'))];
        return Threads(Environment.ProcessorCount, Parse(allowed), [.. ranks.Where(rank => rank[0] == comm.Host).Select(rank => Parse(rank[1]))]);
    }

    /// <param name="processors">How many cores' time the rank may use: under a quota less than its cores.</param>
    /// <param name="mine">Numbers of the cores that it may use.</param>
    /// <param name="ofHost">Those of each rank on its host, itself included.</param>
    /// <returns>At least 1.</returns>
    public static int Threads(int processors, IReadOnlySet<int> mine, IReadOnlyCollection<IReadOnlySet<int>> ofHost)
    {
        double part = mine.Average(core => 1.0 / ofHost.Count(cores => cores.Contains(core)));
        return Math.Max(1, (int)Math.Round(processors * part, 6));
    }

    /// <summary>Cores as the kernel lists them, e.g. <c>0-3,8</c>.</summary>
    /// <exception cref="FormatException">It is no such list.</exception>
    public static IReadOnlySet<int> Parse(string list)
    {
        ArgumentNullException.ThrowIfNull(list);
        var cores = new HashSet<int>();
        foreach (int[] range in list.Split(',').Select(range => range.Split('-').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray()))
        {
            cores.UnionWith(Enumerable.Range(range[0], range[^1] - range[0] + 1));
        }

        return cores;
    }

    private static string AllowedCores() =>
        File.Exists(StatusFile) && File.ReadLines(StatusFile).FirstOrDefault(line => line.StartsWith(CoresField, StringComparison.Ordinal)) is { } line
            ? line[CoresField.Length..].Trim()
            : $"0-{Environment.ProcessorCount - 1}";
}
