using System.Text.Json;

namespace DeeperThings.Cli.Tests;

/// <summary>Many inferences of six real ranks take no more memory than one. Native code does it with less room, see <see cref="PublishedRanks"/>.</summary>
public sealed class SteadyState : TemporaryFolder
{
    private const int Inferences = 200;

    /// <summary>The smallest managed object.</summary>
    private const int ObjectBytes = 24;

    /// <summary>Room for the code that the just-in-time compiler makes of hot methods meanwhile.</summary>
    private const long CompiledBytes = 8_000_000;

    [Fact]
    public void Inferences_allocate_and_collect_nothing()
    {
        string results = PathOf("results");
        Command.Mpiexec(6, "run", Signs.Model, "--plan", Signs.Plan(Folder, 6, "tiled"), "--input", Path.Combine(Signs.Samples, "sample0001.jpg"), "--output", results, "--repeat", $"{Inferences}").Succeeded();
        AssertSteady(Path.Combine(results, "run.json"), Inferences, CompiledBytes);
    }

    internal static void AssertSteady(string report, int inferences, long growth)
    {
        JsonElement[] ranks = [.. JsonDocument.Parse(File.ReadAllText(report)).RootElement.GetProperty("ranks").EnumerateArray()];
        Assert.All(ranks, rank =>
        {
            Assert.InRange(rank.GetProperty("managedBytesAllocated").GetInt64(), 0, (inferences * ObjectBytes) - 1);
            Assert.Equal(0, rank.GetProperty("collections").GetInt32());
            Assert.InRange(rank.GetProperty("residentBytesLast").GetInt64() - rank.GetProperty("residentBytesFirst").GetInt64(), long.MinValue, growth);
        });
    }
}
