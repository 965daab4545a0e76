using System.Diagnostics;
using System.Text;
using System.Text.Json;
using DeeperThings.TestSupport;

namespace DeeperThings.Cli.Tests;

/// <summary>A finished run of a command.</summary>
public sealed record Finished(int ExitCode, string Output, string Error, TimeSpan Elapsed)
{
    public IReadOnlyList<string> ErrorLines { get; } = Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public Finished Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}\n{Error}");
        return this;
    }

    /// <summary>Asserts that it ended with <paramref name="exitCode"/> and one line that contains <paramref name="expected"/>.</summary>
    public void FailedWith(int exitCode, string expected)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode} instead of {exitCode}\n{Output}\n{Error}");
        string line = Assert.Single(ErrorLines);
        Assert.Contains(expected, line, StringComparison.Ordinal);
    }
}

/// <summary>Runs the command and mpiexec as processes, each with a time limit.</summary>
internal static class Command
{
    public static readonly string Program = Repository.PathOf("artifacts", "bin", "deeperthings");

    public static readonly IReadOnlyDictionary<string, string> NoEnvironment = new Dictionary<string, string>();

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    public static Finished Run(params IEnumerable<string> arguments) => Start(Program, arguments, s_limit, NoEnvironment);

    public static Finished RunWith(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments) =>
        Start(Program, arguments, s_limit, environment);

    public static Finished Mpiexec(int ranks, params IEnumerable<string> arguments) => Mpiexec(ranks, s_limit, arguments);

    public static Finished Mpiexec(int ranks, TimeSpan limit, params IEnumerable<string> arguments) =>
        Start("mpiexec.hydra", ["-n", $"{ranks}", Program, .. arguments], limit, NoEnvironment);

    public static Finished Start(string program, IEnumerable<string> arguments, TimeSpan limit, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        long begin = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = new StringBuilder();
        var error = new StringBuilder();
        process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        process.ErrorDataReceived += (_, line) => error.AppendLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(" ", start.ArgumentList)} did not end within {limit.TotalSeconds} s\n{output}\n{error}");
        }

        process.WaitForExit();
        return new(process.ExitCode, output.ToString(), error.ToString(), Stopwatch.GetElapsedTime(begin));
    }
}
