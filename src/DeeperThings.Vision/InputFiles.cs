using System.Collections.Immutable;

namespace DeeperThings.Vision;

/// <summary>One input of a run.</summary>
/// <param name="Path">A picture or a .npy file.</param>
/// <param name="Name">File name without extension; the results are named after it.</param>
/// <param name="IsTensor">Whether it is a .npy file, which is the raw network input.</param>
public sealed record InputFile(string Path, string Name, bool IsTensor);

/// <summary>Finds the inputs that a command line names.</summary>
public static class InputFiles
{
    private const string Allowed = ".jpg, .jpeg, .png and .npy are allowed";

    private static readonly ImmutableHashSet<string> s_extensions = ImmutableHashSet.Create(StringComparer.OrdinalIgnoreCase, ".jpg", ".jpeg", ".png", ".npy");

    /// <summary>Files as they are given; of a folder all that are allowed, in ordinal order of their names. Each has a name of its own.</summary>
    /// <exception cref="InputException">A path does not exist or is no input, a folder has none, or two have one name.</exception>
    public static ImmutableArray<InputFile> Expand(IEnumerable<string> paths)
    {
        var files = ImmutableArray.CreateBuilder<InputFile>();
        foreach (string path in paths)
        {
            if (Directory.Exists(path))
            {
                AddFolder(path, files);
            }
            else if (!File.Exists(path))
            {
                throw new InputException($"{path}: no such file or folder");
            }
            else if (!IsAllowed(path))
            {
                throw new InputException($"{path}: not an input; {Allowed}");
            }
            else
            {
                files.Add(Describe(path));
            }
        }

        if (files.Count == 0)
        {
            throw new InputException("no inputs; give at least one file or folder");
        }

        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (InputFile file in files)
        {
            if (!first.TryAdd(file.Name, file.Path))
            {
                throw new InputException($"{file.Path}: its results would be named {file.Name}, as those of {first[file.Name]}; rename one or run them apart");
            }
        }

        return files.DrainToImmutable();
    }

    private static void AddFolder(string folder, ImmutableArray<InputFile>.Builder files)
    {
        int before = files.Count;
        try
        {
            files.AddRange(Directory.EnumerateFiles(folder).Where(IsAllowed).Order(StringComparer.Ordinal).Select(Describe));
        }
        catch (Exception exception) when (InputException.IsFileError(exception))
        {
            throw new InputException($"{folder}: cannot be read: {exception.Message}", exception);
        }

        if (files.Count == before)
        {
            throw new InputException($"{folder}: no inputs in this folder; {Allowed}");
        }
    }

    private static bool IsAllowed(string path) => s_extensions.Contains(Path.GetExtension(path));

    private static InputFile Describe(string path) =>
        new(path, Path.GetFileNameWithoutExtension(path), Path.GetExtension(path).Equals(".npy", StringComparison.OrdinalIgnoreCase));
}
