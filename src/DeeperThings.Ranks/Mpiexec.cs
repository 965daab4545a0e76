using System.ComponentModel;
using System.Diagnostics;
using DeeperThings.Mpi;

namespace DeeperThings.Ranks;

/// <summary>Starts this same command under MPICH's mpiexec.</summary>
internal static class Mpiexec
{
    /// <summary>MPICH's names before the common one, which another MPI may have taken over.</summary>
    private static readonly string[] s_names = ["mpiexec.hydra", "mpiexec.mpich", "mpiexec"];

    /// <returns>The exit code of mpiexec, which is that of the ranks.</returns>
    /// <exception cref="MpiUnavailableException">mpiexec is not installed.</exception>
    public static int Run(int ranks, string? hostfile, IEnumerable<string> arguments)
    {
        List<string> all = ["-n", $"{ranks}"];
        if (hostfile is not null)
        {
            if (!File.Exists(hostfile))
            {
                throw new UsageException($"--hostfile {hostfile}: no such file");
            }

            all.AddRange(["-f", hostfile]);
        }

        foreach (string name in s_names)
        {
            if (TryStart(name, [.. all, .. Self(), .. arguments]) is { } process)
            {
                using (process)
                {
                    process.WaitForExit();
                    return process.ExitCode;
                }
            }
        }

        throw new MpiUnavailableException($"mpiexec was not found ({string.Join(", ", s_names)})");
    }

    private static Process? TryStart(string name, IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(name, arguments);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static string[] Self()
    {
        string program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [program, Environment.GetCommandLineArgs()[0]]
            : [program];
    }
}
