using System.Runtime.InteropServices;

namespace DeeperThings.Evaluate;

/// <summary>The ranks' program as native code, which starts in a fraction of the time that the other one needs on a slow host.</summary>
internal static class NativeRanks
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    /// <summary>The program; published first where it is missing or older than its sources.</summary>
    /// <param name="tree">The repository.</param>
    /// <param name="say">Progress.</param>
    /// <exception cref="ToolException">It cannot be published.</exception>
    public static string Program(SourceTree tree, Action<string> say)
    {
        string rid = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";
        string program = tree.PathOf("artifacts", "publish", rid, "deeperthings-rank");
        if (!File.Exists(program) || Sources(tree).Any(source => source.LastWriteTimeUtc > File.GetLastWriteTimeUtc(program)))
        {
            say($"compiling the ranks' program for {rid}");
            Tool.Run(s_limit, tree.PathOf("run.sh"), "publish", rid);
        }

        return program;
    }

    private static IEnumerable<FileInfo> Sources(SourceTree tree) =>
        new DirectoryInfo(tree.PathOf("src")).EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => file.Extension is ".cs" or ".csproj" or ".json" && file.DirectoryName is { } folder && !folder.Contains("DeeperThings.Cli") && !folder.Contains("DeeperThings.Planning"))
            .Append(new(tree.PathOf("Directory.Packages.props")));
}
