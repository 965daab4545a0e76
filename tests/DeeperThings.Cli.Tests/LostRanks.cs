using System.Diagnostics;
using System.Text;

namespace DeeperThings.Cli.Tests;

/// <summary>A rank that dies or stops answering ends all of them, soon, with the exit code for it.</summary>
[Collection(nameof(Alone))]
public sealed class LostRanks : TemporaryFolder
{
    private const int Ranks = 4;
    private const int RankLost = 4;

    [Fact]
    public void A_killed_rank_ends_the_run() => AssertEnds("KILL", []);

    [Fact]
    public void A_frozen_rank_is_noticed_after_the_timeout_and_named()
    {
        string error = AssertEnds("STOP", ["--timeout", "2"]);
        Assert.True(error.Contains("rank 2", StringComparison.Ordinal), error);
    }

    /// <summary>Starts a long run by hand, sends a signal to rank 2 when it has begun, and returns what was written to standard error.</summary>
    private string AssertEnds(string signal, string[] options)
    {
        string[] arguments =
        [
            "run", Signs.Model, "--plan", Signs.Plan(Folder, Ranks, "tiled"), "--hostfile", Hostfile(), "--input", Signs.Samples, "--output", PathOf("results"),
            "--repeat", "100000", "--verbose", .. options,
        ];
        using Process process = Process.Start(new ProcessStartInfo(Command.Program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = new StringBuilder();
        using var begun = new CountdownEvent(Ranks);
        process.ErrorDataReceived += (_, line) =>
        {
            error.AppendLine(line.Data);
            if (line.Data?.Contains("first inference", StringComparison.Ordinal) == true && !begun.IsSet)
            {
                begun.Signal();
            }
        };
        process.BeginErrorReadLine();
        try
        {
            Assert.True(begun.Wait(TimeSpan.FromSeconds(60)), $"the ranks did not begin\n{error}");
            int rank = FindRank(2);
            Process.Start("kill", [$"-{signal}", $"{rank}"]).WaitForExit();
            bool ended = process.WaitForExit(TimeSpan.FromSeconds(20));
            if (signal == "STOP")
            {
                Process.Start("kill", ["-KILL", $"{rank}"]).WaitForExit();
            }

            Assert.True(ended, $"still running\n{error}");
            process.WaitForExit();
            Assert.Equal(RankLost, process.ExitCode);
            return error.ToString();
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private string Hostfile()
    {
        string path = PathOf("hosts");
        File.WriteAllText(path, $"localhost:{Ranks}\n");
        return path;
    }

    /// <summary>The process that is a rank of this test's run: its arguments name this test's folder.</summary>
    private int FindRank(int rank)
    {
        for (int attempt = 0; attempt < 100; attempt++)
        {
            foreach (string folder in Directory.GetDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
            {
                try
                {
                    if (File.ReadAllText(Path.Combine(folder, "cmdline")).Contains(Folder, StringComparison.Ordinal)
                        && File.ReadAllText(Path.Combine(folder, "environ")).Split('\0').Contains($"PMI_RANK={rank}"))
                    {
                        return int.Parse(Path.GetFileName(folder));
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // The process has ended, or is another user's.
                }
            }

            Thread.Sleep(100);
        }

        throw new TimeoutException($"no process of rank {rank}");
    }
}
