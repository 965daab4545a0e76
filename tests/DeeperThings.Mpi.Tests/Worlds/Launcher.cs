using System.Diagnostics;

namespace DeeperThings.Mpi.Tests;

/// <summary>How a program ended.</summary>
public sealed record ProcessResult(int ExitCode, string Output, string Error, double Seconds);

/// <summary>Starts this test program as ranks, with a hard limit of time.</summary>
internal static class Launcher
{
    // Open MPI, installed beside MPICH, takes over the name mpiexec.
    private static readonly string[] s_names = ["mpiexec.mpich", "mpiexec.hydra", "mpiexec"];

    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, typeof(Launcher).Assembly.GetName().Name!);

    public static ProcessResult Run(int size, TimeSpan limit, params string[] arguments) => RunWith(size, [], limit, arguments);

    /// <summary>Ranks that all have these environment variables.</summary>
    public static ProcessResult RunWith(int size, Dictionary<string, string> environment, TimeSpan limit, params string[] arguments) =>
        Start(Find(), ["-n", $"{size}", s_program, RankProgram.Argument, .. arguments], limit, environment);

    /// <summary><paramref name="size"/> ranks, and one more with an environment variable of its own.</summary>
    public static ProcessResult RunWithOneOdd(int size, string variable, string value, TimeSpan limit, params string[] arguments) => Start(
        Find(),
        ["-n", $"{size}", s_program, RankProgram.Argument, .. arguments, ":", "-n", "1", "-env", variable, value, s_program, RankProgram.Argument, .. arguments],
        limit,
        []);

    /// <summary>One rank, without mpiexec.</summary>
    public static ProcessResult RunAlone(TimeSpan limit, Dictionary<string, string> environment, params string[] arguments) =>
        Start(s_program, [RankProgram.Argument, .. arguments], limit, environment);

    private static string Find()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        return s_names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException("mpiexec was not found; install it with: apt-get install mpich");
    }

    private static ProcessResult Start(string program, string[] arguments, TimeSpan limit, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        var clock = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            Task.WaitAll([output, error], TimeSpan.FromSeconds(2));
            string said = error.IsCompleted ? error.Result : "";
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} had not ended after {limit.TotalSeconds} s: {said}");
        }

        return new(process.ExitCode, output.Result, error.Result, clock.Elapsed.TotalSeconds);
    }
}
