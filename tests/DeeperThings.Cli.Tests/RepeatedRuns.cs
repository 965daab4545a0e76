namespace DeeperThings.Cli.Tests;

/// <summary>Inferences of the same input.</summary>
public sealed class RepeatedRuns : TemporaryFolder
{
    [Theory]
    [InlineData("tiled")]
    [InlineData("layer-output")]
    public void The_last_of_several_inferences_gives_the_bits_of_the_first(string strategy)
    {
        string plan = Signs.Plan(Folder, 3, strategy);
        foreach (string repeat in (string[])["1", "3"])
        {
            Command.Run("run", Signs.Model, "--plan", plan, "--input", Path.Combine(Signs.Samples, "sample0001.jpg"), "--output", PathOf(repeat), "--repeat", repeat, "--dump-tensor", "--in-process").Succeeded();
        }

        Assert.True(File.ReadAllBytes(Path.Combine(PathOf("1"), "sample0001.npy")).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(PathOf("3"), "sample0001.npy"))));
        Assert.Equal(File.ReadAllText(Path.Combine(PathOf("1"), "sample0001.json")), File.ReadAllText(Path.Combine(PathOf("3"), "sample0001.json")));
    }
}
