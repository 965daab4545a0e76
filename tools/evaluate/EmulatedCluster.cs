using System.Runtime.InteropServices;

namespace DeeperThings.Evaluate;

/// <summary><c>tools/cluster</c>: hosts with links of a given rate on this machine. Removed when disposed.</summary>
internal sealed class EmulatedCluster : IDisposable
{
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(60);

    private const int Interrupted = 130;

    private readonly string _tool;
    private readonly PosixSignalRegistration[] _signals;

    private EmulatedCluster(string tool)
    {
        _tool = tool;
        _signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, _ => End()))];
    }

    /// <param name="tree">The repository.</param>
    /// <param name="hosts">How many.</param>
    /// <param name="rate">Of each link.</param>
    /// <param name="cpu">Percent of a core that each host has.</param>
    /// <exception cref="ToolException">No cluster can be made here.</exception>
    public static EmulatedCluster Up(SourceTree tree, int hosts, string rate, int cpu)
    {
        var cluster = new EmulatedCluster(tree.PathOf("tools", "cluster", "cluster"));
        Tool.Run(s_short, cluster._tool, "up", $"{hosts}", rate);
        try
        {
            cluster.Limit("all", cpu);
        }
        catch
        {
            cluster.Dispose();
            throw;
        }

        return cluster;
    }

    /// <summary>Gives <paramref name="host"/>, or all hosts, that many percent of a core.</summary>
    public void Limit(string host, int cpu) => Tool.Run(s_short, _tool, "limit", host, $"{cpu}");

    /// <summary>Runs <paramref name="command"/> with one rank on each of the first hosts.</summary>
    public string Run(TimeSpan limit, int ranks, params IEnumerable<string> command) =>
        Tool.Run(limit, _tool, ["run", "-n", $"{ranks}", "--", .. command]);

    /// <summary>Bytes that each host's link has sent and received.</summary>
    public (long Sent, long Received)[] Counters() =>
        [.. Tool.Json(s_short, _tool, "counters", "--json").EnumerateArray().Select(host => (host.GetProperty("bytesSent").GetInt64(), host.GetProperty("bytesReceived").GetInt64()))];

    public void Dispose()
    {
        Tool.Run(s_short, _tool, "down");
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }
    }

    /// <summary>Whoever interrupts the measuring must not be left with a cluster.</summary>
    private void End()
    {
        Tool.Run(s_short, _tool, "down");
        Environment.Exit(Interrupted);
    }
}
