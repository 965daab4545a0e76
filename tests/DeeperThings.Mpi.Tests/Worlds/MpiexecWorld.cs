using System.Collections.Concurrent;

namespace DeeperThings.Mpi.Tests;

/// <summary>
/// One start of mpiexec per number of ranks checks all laws; each test then looks its own result up.
/// In the rank program <see cref="Current"/> is set, and a law runs.
/// </summary>
public sealed class MpiexecWorld : World
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<int, Lazy<LawResults>> _results = new();

    /// <summary>This process's communicator, in the rank program only.</summary>
    public static Communicator? Current { get; set; }

    public override void Check(int size, Action<Communicator> law, string name, string file)
    {
        if (Current is not null)
        {
            law(Current);
            return;
        }

        LawResults results = _results.GetOrAdd(size, _ => new(() => Start(size))).Value;
        Assert.Equal(Enumerable.Repeat("ok", size), results.Of($"{Path.GetFileNameWithoutExtension(file)}.{name}"));
    }

    private static LawResults Start(int size)
    {
        string folder = Directory.CreateTempSubdirectory("mpi-laws-").FullName;
        try
        {
            ProcessResult process = Launcher.Run(size, s_limit, RankProgram.Laws, folder);
            return new(process, [.. Enumerable.Range(0, size).Select(rank => ReadLines(Path.Combine(folder, $"{rank}")))]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string[] ReadLines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];

    private sealed record LawResults(ProcessResult Process, string[][] LinesOfRanks)
    {
        /// <summary>What each rank said about the law: "ok", how it failed, or how the program ended before it.</summary>
        public IEnumerable<string> Of(string law) => LinesOfRanks.Select(lines =>
            lines.Select(line => line.Split('\t')).FirstOrDefault(line => line[0] == law)?[1] ?? $"not reached: {Process}");
    }
}
