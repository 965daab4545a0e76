using System.Text;

namespace DeeperThings.Mpi;

/// <summary>
/// mpiexec's own line to each process that it started (the PMI-1 protocol, a file descriptor named by <c>PMI_FD</c>). MPI uses it; it serves here
/// where MPI was never loaded on one host: the other ranks would wait for that process in <c>MPI_Init</c> for ever.
/// </summary>
internal static unsafe class PmiConnection
{
    /// <summary>Ends all processes; mpiexec returns <paramref name="exitCode"/>. Without mpiexec it does nothing.</summary>
    public static void Abort(int exitCode)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("PMI_FD"), out int descriptor))
        {
            StandardStreams.Drain();
            byte[] command = Encoding.ASCII.GetBytes($"cmd=abort exitcode={exitCode}\n");
            fixed (byte* start = command)
            {
                _ = Libc.write(descriptor, start, command.Length);
            }
        }
    }
}
