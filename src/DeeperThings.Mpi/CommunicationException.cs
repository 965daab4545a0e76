using System.Globalization;

namespace DeeperThings.Mpi;

/// <summary>A rank could not be reached, did not answer in time, or said something else than was agreed.</summary>
public sealed class CommunicationException : Exception
{
    /// <summary>A failure with that message.</summary>
    public CommunicationException(string message)
        : base(message)
    {
    }

    /// <summary>Whether a deadline passed.</summary>
    public bool IsTimeout { get; private init; }

    /// <summary>The deadline of a wait for <paramref name="peers"/> passed.</summary>
    internal static CommunicationException NoAnswer(IEnumerable<int> peers, TimeSpan deadline)
    {
        int[] silent = [.. peers.Distinct().Order()];
        return new($"no answer from rank{(silent.Length == 1 ? "" : "s")} {string.Join(", ", silent)} within {Seconds(deadline)}") { IsTimeout = true };
    }

    /// <summary>The deadline of a collective operation passed, and the library does not tell who is missing.</summary>
    internal static CommunicationException NotAllArrived(string operation, TimeSpan deadline) =>
        new($"{operation}: not every rank arrived within {Seconds(deadline)}") { IsTimeout = true };

    internal static CommunicationException WrongLength(int peer, int tag, long expected, long received) =>
        new($"rank {peer} sent {received} floats with tag {tag} where {expected} were expected; the ranks do not run the same program");

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.### s", CultureInfo.InvariantCulture);
}
