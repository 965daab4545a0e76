using System.Text.Json;

namespace DeeperThings.Cli.Tests;

/// <summary><c>profile</c> writes what <c>plan</c> and <c>simulate</c> read.</summary>
public sealed class ProfiledCluster : TemporaryFolder
{
    private const int Ranks = 2;

    [Fact]
    public void A_measured_cluster_can_be_planned_for_and_simulated()
    {
        string cluster = PathOf("cluster.json");
        Command.Mpiexec(Ranks, "profile", "-o", cluster).Succeeded();
        AssertUsable(cluster, Ranks, Folder);
    }

    [Fact]
    public void A_hostfile_without_hosts_is_the_callers_fault()
    {
        string hostfile = PathOf("hosts");
        File.WriteAllText(hostfile, "# nobody\n");
        Command.Run("profile", "--hostfile", hostfile, "-o", PathOf("cluster.json")).FailedWith(2, "no hosts");
        Command.Run("profile", "--hostfile", PathOf("missing"), "-o", PathOf("cluster.json")).FailedWith(2, "missing");
    }

    internal static void AssertUsable(string cluster, int ranks, string folder)
    {
        JsonElement hosts = JsonDocument.Parse(File.ReadAllBytes(cluster)).RootElement.GetProperty("hosts");
        Assert.Equal(ranks, hosts.GetArrayLength());
        foreach (JsonElement host in hosts.EnumerateArray())
        {
            Assert.InRange(host.GetProperty("duplex").GetDouble(), 1, 2);
            Assert.All((string[])["memoryBytes", "memoryBytesPerSecond", "linkBytesPerSecond", "receiveBytesPerSecond", "latencySeconds", "winogradGain"], field => Assert.True(host.GetProperty(field).GetDouble() > 0, field));
        }

        string plan = Path.Combine(folder, "plan.json");
        Command.Run("plan", Signs.Model, "--ranks", $"{ranks}", "--cluster", cluster, "-o", plan).Succeeded();
        JsonElement simulated = Command.Run("simulate", Signs.Model, "--plan", plan, "--cluster", cluster, "--json").Succeeded().Json;
        Assert.True(simulated.GetProperty("seconds").GetDouble() > 0);
    }
}
