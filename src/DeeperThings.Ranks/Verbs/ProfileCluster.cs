using System.Text.Json;
using DeeperThings.Ranks.Options;
using DeeperThings.Execution.Profiling;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Mpi;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using NLog;
using Spectre.Console;

namespace DeeperThings.Ranks.Verbs;

/// <summary>What <c>profile --json</c> prints.</summary>
internal sealed record ProfileSummary(string Cluster, IReadOnlyList<HostMeasurement> Hosts);

/// <summary><c>deeperthings profile</c></summary>
internal static class ProfileCluster
{
    public static int Run(ProfileOptions options, IReadOnlyList<string> arguments)
    {
        options.Validate();
        RankLog.Configure(verbose: false);
        if (MpichCommunicator.IsLaunchedByMpiexec || (options.Hostfile is null && options.Ranks == 0))
        {
            return MpiProgram.Run(comm => RunRank(comm, options), Console.Error, ExitCode.For);
        }

        int exitCode = Mpiexec.Run(options.Ranks > 0 ? options.Ranks : HostsOf(options.Hostfile!), options.Hostfile, arguments);
        return exitCode is >= ExitCode.Done and <= ExitCode.RankLost ? exitCode : ExitCode.RankLost;
    }

    private static int RunRank(Communicator comm, ProfileOptions options)
    {
        comm.Deadline = TimeSpan.FromSeconds(options.Timeout);
        Logger log = RankLog.For(comm);
        int ranksOnHost = Together.Hosts(comm).Count(host => host == comm.Host);
        using var workers = RankSession.WorkersOf(comm, options.Threads);
        var progress = new Dictionary<string, ProgressLog>();
        HostMeasurement mine = HostProfiler.Measure(comm, workers, FreeMemory.Bytes() / ranksOnHost, Report);
        byte[][] all = comm.AllgatherBlobs(JsonSerializer.SerializeToUtf8Bytes(mine, RankJson.Default.HostMeasurement));
        Together.Do(comm, () => comm.Rank == Partition.Root ? Write([.. all.Select(blob => JsonSerializer.Deserialize(blob, RankJson.Default.HostMeasurement)!)], options) : 0);
        return ExitCode.Done;

        void Report(string what, double share)
        {
            if (comm.Rank == Partition.Root)
            {
                if (!progress.TryGetValue(what, out ProgressLog? line))
                {
                    progress.Add(what, line = new(log, $"measuring {what}"));
                }

                line.Report(share);
            }
        }
    }

    private static int Write(IReadOnlyList<HostMeasurement> hosts, ProfileOptions options)
    {
        // The slowest rank waits least; what it waits is the ranks' jitter, of which N of them see (N - 1) / 2(N + 1).
        double jitter = hosts.Min(host => host.JitterSeconds) * 2 * (hosts.Count + 1) / Math.Max(1, hosts.Count - 1);
        var cluster = new ClusterProfile
        {
            Name = Path.GetFileNameWithoutExtension(options.Output),
            Hosts = [.. hosts.Select((host, rank) => Calibration.Host(new()
            {
                Name = hosts.Count(other => other.Host == host.Host) > 1 ? $"{host.Host}-{rank}" : host.Host,
                VectorFloats = host.VectorFloats,
                Samples = [.. SampleLayers.All.Zip(host.LayerSeconds)],
                MemoryBytes = host.MemoryBytes,
                LinkBytesPerSecond = host.Link.FastestBytesPerSecond.Sent,
                ReceiveBytesPerSecond = hosts.Count == 1 ? null : host.Link.FastestBytesPerSecond.Received,
                Duplex = hosts.Count == 1 ? null : host.Link.Duplex,
                LatencySeconds = host.Link.LatencySeconds,
                JitterSeconds = jitter,
                CopySecondsPerByte = host.CopySecondsPerByte,
            }))],
        };
        AtomicFile.WriteText(options.Output, cluster.ToJson());
        if (options.Json)
        {
            Output.Json(new ProfileSummary(options.Output, hosts), RankJson.Default.ProfileSummary);
        }
        else
        {
            Print(cluster, hosts, options.Output);
        }

        return 0;
    }

    private static void Print(ClusterProfile cluster, IReadOnlyList<HostMeasurement> measured, string path)
    {
        Table table = Output.Table("host", " threads", " share", " 3x3 GFLOP/s", " 1x1", " other", " Winograd", " memory GB/s", " free MB", " sends Mbit/s", " receives", " duplex", " latency us", " jitter ms", " worst fit");
        foreach ((HostProfile host, HostMeasurement found) in cluster.Hosts.Zip(measured))
        {
            double worst = SampleLayers.All.Zip(found.LayerSeconds).Max(sample => Math.Abs((host.Kernels!.Seconds(sample.First) / sample.Second) - 1));
            Output.AddRow(table,
            [
                host.Name, $"{found.Threads}", $"{found.ProcessorShare:P0}", $"{host.FlopsPerSecond.Convolution3x3 / 1e9:F1}", $"{host.FlopsPerSecond.Convolution1x1 / 1e9:F1}", $"{host.FlopsPerSecond.OtherConvolution / 1e9:F1}",
                $"x {host.WinogradGain:F2}", $"{host.MemoryBytesPerSecond / 1e9:F2}", $"{host.MemoryBytes / 1e6:N0}", $"{host.LinkBytesPerSecond * 8 / 1e6:F1}", $"{(host.ReceiveBytesPerSecond ?? host.LinkBytesPerSecond) * 8 / 1e6:F1}", $"{host.Duplex ?? 2:F2}", $"{host.LatencySeconds * 1e6:F0}", $"{host.JitterSeconds * 1e3:F1}", $"{worst:P0}",
            ]);
        }

        Output.Out.Write(table);
        Output.Line($"{cluster.Hosts.Length} hosts measured; cluster file {path}");
    }

    private static int HostsOf(string hostfile)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(hostfile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--hostfile {hostfile}: {e.Message.ReplaceLineEndings(" ")}");
        }

        int ranks = lines.Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0).Sum(line =>
            line.Split((char[])[':', ' '], 3) is [_, var count, ..] && int.TryParse(count, out int value) ? value : 1);
        return ranks > 0 ? ranks : throw new UsageException($"--hostfile {hostfile}: no hosts");
    }
}
