using System.Diagnostics;
using System.Text.Json;

namespace DeeperThings.Evaluate;

/// <summary>A program that ended badly.</summary>
internal sealed class ToolException(string command, int exitCode, string error) : Exception($"{command}: exit code {exitCode}: {error.Trim().ReplaceLineEndings(" ")}")
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>Runs programs and reads what they print.</summary>
internal static class Tool
{
    /// <returns>Standard output.</returns>
    /// <exception cref="ToolException">It ended with another exit code than 0, or not in time.</exception>
    public static string Run(TimeSpan limit, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string command = $"{Path.GetFileName(program)} {string.Join(" ", start.ArgumentList)}";
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            throw new ToolException(command, 124, $"not done after {limit.TotalSeconds:F0} s");
        }

        process.WaitForExit();
        return process.ExitCode == 0 ? output.Result : throw new ToolException(command, process.ExitCode, error.Result);
    }

    /// <summary>The same where the program prints JSON.</summary>
    public static JsonElement Json(TimeSpan limit, string program, params IEnumerable<string> arguments) =>
        JsonDocument.Parse(Run(limit, program, arguments)).RootElement;
}
