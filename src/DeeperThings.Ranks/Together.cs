using System.Text;
using DeeperThings.Mpi;
using DeeperThings.Partitioning;

namespace DeeperThings.Ranks;

/// <summary>Steps that all ranks take and that may fail on any of them; a failure is reported once, by the root.</summary>
internal static class Together
{
    /// <summary>Does <paramref name="work"/> on every rank and goes on only if it succeeded on all.</summary>
    /// <exception cref="RankFailureException">On the root: it failed somewhere. The other ranks wait for the end.</exception>
    public static T Do<T>(Communicator comm, Func<T> work)
    {
        T? result = default;
        byte[] failure = [];
        try
        {
            result = work();
        }
#pragma warning disable CA1031 // Any failure is told to the root, which reports it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            int code = ExitCode.For(exception);
            string text = code == ExitCode.Bug ? exception.ToString() : exception.Message.ReplaceLineEndings(" ");
            failure = [(byte)code, .. Encoding.UTF8.GetBytes(text)];
        }

        Report(comm, comm.AllgatherBlobs(failure));
        return result!;
    }

    /// <summary>Checks that all ranks have the same <paramref name="digest"/> of <paramref name="what"/>.</summary>
    /// <exception cref="RankFailureException">On the root: a rank differs; it is named. The other ranks wait for the end.</exception>
    public static void Agree(Communicator comm, string what, string digest)
    {
        string[] digests = Gather(comm, digest);
        int other = Array.FindIndex(digests, found => found != digests[Partition.Root]);
        if (other >= 0)
        {
            string[] hosts = Hosts(comm);
            End(comm, $"rank {other} ({hosts[other]}): {what} {Short(digests[other])} differs from rank {Partition.Root}'s ({hosts[Partition.Root]}) {Short(digests[Partition.Root])}; copy the same file to every host", ExitCode.CallersFault);
        }
    }

    /// <summary>The host of each rank; collective.</summary>
    public static string[] Hosts(Communicator comm) => Gather(comm, comm.Host);

    private static string[] Gather(Communicator comm, string text) =>
        [.. comm.AllgatherBlobs(Encoding.UTF8.GetBytes(text)).Select(Encoding.UTF8.GetString)];

    private static void Report(Communicator comm, byte[][] failures)
    {
        int first = Array.FindIndex(failures, failure => failure.Length > 0);
        if (first < 0)
        {
            return;
        }

        string[] hosts = Hosts(comm);
        string message = Encoding.UTF8.GetString(failures[first].AsSpan(1));
        bool everywhere = failures.All(failure => failure.AsSpan().SequenceEqual(failures[first]));
        End(comm, everywhere ? message : $"rank {first} ({hosts[first]}): {message}", failures[first][0]);
    }

    private static void End(Communicator comm, string message, int exitCode)
    {
        if (comm.Rank == Partition.Root)
        {
            throw new RankFailureException(message, exitCode);
        }

        // The root ends all ranks while this one waits.
        comm.Barrier();
        throw new RankFailureException(message, exitCode);
    }

    private static string Short(string digest) => digest.Length > 12 ? digest[..12] : digest;
}
