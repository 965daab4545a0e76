using System.Diagnostics;
using System.Text.Json;
using DeeperThings.TestSupport;

namespace DeeperThings.Cli.Tests;

/// <summary>The tool that emulates a cluster on one machine, where network namespaces are possible.</summary>
public sealed class EmulatedCluster : TemporaryFolder
{
    private const string State = "/run/deeperthings-cluster";
    private const int Ranks = 3;

    /// <summary>Sent beside the messages: what mpiexec and the start of the ranks say to each other.</summary>
    private const long ControlBytes = 400_000;

    private static readonly string s_tool = Repository.PathOf("tools", "cluster", "cluster");

    public EmulatedCluster()
    {
        foreach (string program in (string[])["ip", "tc", "unshare", "nsenter", "setpriv", "mpiexec.hydra"])
        {
            Assert.SkipUnless(Bash($"command -v {program}").ExitCode == 0, $"{program} is missing");
        }

        Assert.SkipUnless(Environment.UserName == "root", "network namespaces need root");
        Assert.SkipUnless(Bash("unshare --net --uts --ipc --mount true").ExitCode == 0, "namespaces cannot be made here");
        Assert.SkipWhen(Directory.Exists(State), "an emulated cluster is up already");
    }

    [Fact]
    public void Up_and_down_leave_nothing_behind_and_may_be_repeated()
    {
        string before = Traces();
        Tool("up", "2", "100mbit").Succeeded();
        Assert.NotEqual(before, Traces());
        Tool("up", "2", "100mbit").Succeeded();
        Tool("up", "3", "100mbit").FailedWith(2, "down");
        Tool("limit", "fd1", "25", "256M").Succeeded();
        Tool("down").Succeeded();
        Assert.Equal(before, Traces());
        Tool("down").Succeeded();
        Assert.Equal(before, Traces());
    }

    [Fact]
    public void Bad_input_gets_one_line_and_exit_code_2()
    {
        Tool("up", "0", "100mbit").FailedWith(2, "number of hosts");
        Tool("up", "2", "fast").FailedWith(2, "rate");
        Tool("run", "-n", "2", "--", "true").FailedWith(2, "no cluster is up");
        Tool("counters").FailedWith(2, "no cluster is up");
        WithCluster("unlimited", () =>
        {
            Tool("limit", "fd9", "25").FailedWith(2, "fd9");
            Tool("limit", "fd1", "25x").FailedWith(2, "percent");
            Tool("limit", "fd1", "25", "much").FailedWith(2, "memory");
            Tool("run", "-n", "2").FailedWith(2, "--");
            Assert.Equal(3, Tool("run", "-n", "1", "--", "bash", "-c", "exit 3").ExitCode);
        });
    }

    [Fact]
    public void Each_host_has_its_name_and_its_limits() => WithCluster("unlimited", () =>
    {
        string[] names = Tool("run", "-n", $"{Ranks}", "--", "hostname").Succeeded().Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["fd0", "fd1", "fd2"], names.Order());
        Tool("limit", "fd1", "25", "128M").Succeeded();
        const string Busy = "s=$(date +%s%N); i=0; while [ $(($(date +%s%N) - s)) -lt 1000000000 ]; do for j in {1..2000}; do :; done; i=$((i+1)); done; awk '{print $1 + $2}' <(cut -d' ' -f14,15 /proc/$$/stat)";
        double ticks = double.Parse(Tool("exec", "fd1", "bash", "-c", Busy).Succeeded().Output, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(ticks, 1, 40); // hundredths of a second in one second
        Assert.NotEqual(0, Tool("exec", "fd1", "bash", "-c", "head -c 300M /dev/zero | tail -c 300M >/dev/null").ExitCode);
        Tool("limit", "fd1", "none").Succeeded();
        Tool("limit", "fd2", "5").Succeeded();
        Assert.Matches(@"fd2 cpu .*\b1000 20000 ", Tool("status").Succeeded().Output);
        Tool("exec", "fd1", "bash", "-c", "head -c 300M /dev/zero | tail -c 300M >/dev/null").Succeeded();
    });

    [Fact]
    public void Interfaces_count_the_bytes_that_the_plan_says_and_the_protocols_overhead() => WithCluster("1gbit", () =>
    {
        string results = PathOf("results");
        Dictionary<string, (long Sent, long Received)> before = Counters();
        Tool("run", "-n", $"{Ranks}", "--", Command.Program, "run", Signs.Model, "--plan", Signs.Plan(Folder, Ranks, "layer-output"), "--input", Directory.GetFiles(Signs.Samples, "*.jpg")[0], "--repeat", "5", "--output", results).Succeeded();
        Dictionary<string, (long Sent, long Received)> after = Counters();
        foreach (JsonElement rank in JsonDocument.Parse(File.ReadAllBytes(Path.Combine(results, "run.json"))).RootElement.GetProperty("ranks").EnumerateArray())
        {
            string host = rank.GetProperty("host").GetString()!;
            long planned = rank.GetProperty("bytesSentPlanned").GetInt64();
            long plannedReceived = rank.GetProperty("bytesReceivedPlanned").GetInt64();
            Assert.True(planned > 10 * ControlBytes);
            AssertOverhead(planned, plannedReceived, after[host].Sent - before[host].Sent);
            AssertOverhead(plannedReceived, planned, after[host].Received - before[host].Received);
        }
    });

    [Fact]
    public void A_run_that_is_killed_leaves_no_process() => WithCluster("unlimited", () =>
    {
        foreach (string signal in (string[])["INT", "TERM", "KILL"])
        {
            // A shell's background job, and what it starts, ignores SIGINT.
            using Process process = Process.Start(new ProcessStartInfo("env", ["--default-signal=INT", s_tool, "run", "-n", $"{Ranks}", "--", "sleep", "1000"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            Assert.True(Eventually(() => Bash("ip netns pids fd2 | xargs -r ps -o comm= -p").Output.Contains("sleep", StringComparison.Ordinal)), "the run did not start");
            Bash($"kill -{signal} {process.Id}").Succeeded();
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(10)), $"the run outlived SIG{signal}");
            Assert.True(Eventually(() => Bash("ip netns pids fd0; ip netns pids fd1; ip netns pids fd2").Output.Trim().Length == 0), $"processes outlived SIG{signal}");
        }
    });

    /// <summary>Headers are up to 66 bytes for each 1448; what is received is acknowledged with up to 66 bytes for each 1448.</summary>
    private static void AssertOverhead(long messages, long otherDirection, long counted) =>
        Assert.InRange(counted, messages, (long)(1.05 * messages) + (long)(0.05 * otherDirection) + ControlBytes);

    private static void WithCluster(string rate, Action action)
    {
        Tool("up", $"{Ranks}", rate).Succeeded();
        try
        {
            action();
        }
        finally
        {
            Tool("down").Succeeded();
        }
    }

    private static Dictionary<string, (long Sent, long Received)> Counters() => Tool("counters", "--json").Succeeded().Json.EnumerateArray().ToDictionary(
        host => host.GetProperty("host").GetString()!,
        host => (host.GetProperty("bytesSent").GetInt64(), host.GetProperty("bytesReceived").GetInt64()));

    /// <summary>Namespaces, interfaces, control groups, mounts and state that this tool could leave.</summary>
    private static string Traces() =>
        Bash($"ip netns list; ip -o link show | cut -d: -f2; ls -d /sys/fs/cgroup/*/deeperthings* /sys/fs/cgroup/deeperthings* {State} 2>/dev/null; grep deeperthings-cluster /proc/mounts; true").Output;

    private static bool Eventually(Func<bool> condition)
    {
        for (int i = 0; i < 100; i++)
        {
            if (condition())
            {
                return true;
            }

            Thread.Sleep(50);
        }

        return false;
    }

    private static Finished Tool(params string[] arguments) => Command.Start(s_tool, arguments, TimeSpan.FromMinutes(2), Command.NoEnvironment);

    private static Finished Bash(string command) => Command.Start("bash", ["-c", command], TimeSpan.FromSeconds(20), Command.NoEnvironment);
}
