namespace DeeperThings.TestSupport;

/// <summary>The checkout that the tests run in.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DeeperThings.Mpi.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no DeeperThings.Mpi.sln above {AppContext.BaseDirectory}");
    }
}
