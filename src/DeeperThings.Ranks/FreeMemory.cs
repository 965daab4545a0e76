using System.Globalization;

namespace DeeperThings.Ranks;

/// <summary>Memory that is free on this host, below the limits of the control groups that this process is in.</summary>
internal static class FreeMemory
{
    private const string Groups = "/sys/fs/cgroup";

    public static long Bytes()
    {
        long free = File.ReadLines("/proc/meminfo").Where(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal)).Select(line => 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)).FirstOrDefault();
        return Limits().Select(limit => limit - Environment.WorkingSet).Append(free).Min();
    }

    /// <summary>Of this process's group and those around it, in version 1 and 2 of control groups.</summary>
    private static IEnumerable<long> Limits()
    {
        foreach (string[] group in File.ReadLines("/proc/self/cgroup").Select(line => line.Split(':', 3)))
        {
            bool isFirst = group[1].Split(',').Contains("memory");
            if (!isFirst && group[1].Length > 0)
            {
                continue;
            }

            (string root, string name) = isFirst ? ($"{Groups}/memory", "memory.limit_in_bytes") : (Groups, "memory.max");
            for (string path = group[2]; path.Length > 1; path = path[..path.LastIndexOf('/')])
            {
                string file = $"{root}{path}/{name}";
                if (File.Exists(file) && long.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out long limit))
                {
                    yield return limit;
                }
            }
        }
    }
}
