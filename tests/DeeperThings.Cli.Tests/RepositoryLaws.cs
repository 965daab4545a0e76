using System.Text.RegularExpressions;
using System.Xml.Linq;
using Root = DeeperThings.TestSupport.Repository;

namespace DeeperThings.Cli.Tests;

/// <summary>What the documents say about the repository is so.</summary>
public sealed partial class RepositoryLaws
{
    private static readonly string[] s_mayBeUnsafe = ["DeeperThings.Tensors", "DeeperThings.Kernels", "DeeperThings.Mpi"];

    [Fact]
    public void The_table_of_projects_in_the_architecture_document_is_the_project_files()
    {
        Dictionary<string, string[]> documented = TableRow().Matches(File.ReadAllText(Root.PathOf("docs", "architecture.md"))).ToDictionary(
            row => row.Groups["project"].Value,
            row => row.Groups["references"].Value.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Where(name => name != "–").Select(name => $"DeeperThings.{name}").Order().ToArray());
        Dictionary<string, string[]> real = Projects().ToDictionary(
            file => Path.GetFileNameWithoutExtension(file),
            file => XDocument.Load(file).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)).Order().ToArray());
        Assert.Equal(real.Keys.Order(), documented.Keys.Order());
        Assert.All(real, project => Assert.Equal(project.Value, documented[project.Key]));
    }

    [Fact]
    public void Unsafe_code_is_only_where_memory_is_touched()
    {
        foreach (string file in Projects())
        {
            bool allowed = XDocument.Load(file).Descendants("AllowUnsafeBlocks").Any();
            Assert.Equal(s_mayBeUnsafe.Contains(Path.GetFileNameWithoutExtension(file)), allowed);
        }
    }

    [Fact]
    public void Only_the_command_writes_to_the_console() => Assert.All(
        Sources().Where(file => !file.Contains("/DeeperThings.Ranks/", StringComparison.Ordinal) && !file.Contains("/DeeperThings.Cli/", StringComparison.Ordinal)),
        file => Assert.DoesNotMatch(@"\bConsole\.", File.ReadAllText(file)));

    [Fact]
    public void Every_document_that_is_linked_is_there()
    {
        foreach (string document in Directory.GetFiles(Root.Root, "*.md").Concat(Directory.GetFiles(Root.PathOf("docs"), "*.md")).Concat(Directory.GetFiles(Root.PathOf("hostfiles"), "*.md")))
        {
            foreach (Match link in Link().Matches(File.ReadAllText(document)))
            {
                string target = Path.Combine(Path.GetDirectoryName(document)!, link.Groups["target"].Value);
                Assert.True(File.Exists(target) || Directory.Exists(target), $"{document}: {link.Groups["target"].Value}");
            }
        }
    }

    [Fact]
    public void The_commands_of_the_README_run()
    {
        string[] commands = [.. CodeBlock().Matches(File.ReadAllText(Root.PathOf("README.md")))
            .SelectMany(block => block.Groups["code"].Value.Split('\n'))
            .Select(line => line.Split('#')[0].Trim())
            .Where(line => line.StartsWith("./run.sh", StringComparison.Ordinal) && !line.StartsWith("./run.sh test", StringComparison.Ordinal))];
        Assert.NotEmpty(commands);
        foreach (string command in commands)
        {
            Command.Start("bash", ["-c", $"cd '{Root.Root}' && {command}"], TimeSpan.FromMinutes(5), Command.NoEnvironment).Succeeded();
        }
    }

    private static string[] Projects() => Directory.GetFiles(Root.PathOf("src"), "*.csproj", SearchOption.AllDirectories);

    private static string[] Sources() => Directory.GetFiles(Root.PathOf("src"), "*.cs", SearchOption.AllDirectories);

    [GeneratedRegex(@"^\| `(?<project>DeeperThings\.\w+)` \|[^|]*\| (?<references>[^|]*) \|$", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"\]\((?<target>(?!https?:|#)[^)#]+)(#[^)]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"```sh\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
