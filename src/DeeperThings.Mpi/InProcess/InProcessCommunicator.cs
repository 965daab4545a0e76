namespace DeeperThings.Mpi;

/// <summary>One rank of an <see cref="InProcessWorld"/>.</summary>
internal sealed class InProcessCommunicator(InProcessWorld world, int rank, int size) : Communicator
{
    public InProcessWorld World { get; } = world;

    /// <summary>Wakes this rank's thread.</summary>
    public Signal Signal { get; } = new();

    public override int Rank { get; } = rank;

    public override int Size { get; } = size;

    public override Exchange CreateExchange(int capacity) => new InProcessExchange(this, capacity);

    public override void Barrier() => World.Rendezvous.Meet(Rank, [], Deadline);

    public override void Bcast(Span<byte> data, int root)
    {
        CheckRank(root);
        byte[] bytes = World.Rendezvous.Meet(Rank, Rank == root ? data.ToArray() : [], Deadline)[root];
        CheckLength(root, data.Length, bytes.Length);
        bytes.CopyTo(data);
    }

    public override void Allgather(ReadOnlySpan<byte> send, Span<byte> receive)
    {
        CheckAllgather(send.Length, receive.Length);
        byte[][] all = World.Rendezvous.Meet(Rank, send.ToArray(), Deadline);
        for (int peer = 0; peer < Size; peer++)
        {
            CheckLength(peer, send.Length, all[peer].Length);
            all[peer].CopyTo(receive[(peer * send.Length)..]);
        }
    }

    public override void Abort(int exitCode)
    {
        var aborted = new AbortedException(exitCode, $"rank {Rank} ended all ranks with exit code {exitCode}");
        World.Fail(Rank, aborted);
        throw aborted;
    }

    public override void Dispose()
    {
    }

    /// <summary>Throws what ends the followers of a failed rank, unless the world was still <paramref name="open"/>.</summary>
    public void ThrowUnless(bool open)
    {
        if (!open)
        {
            throw World.Failure!.ForFollowers;
        }
    }

    private static void CheckLength(int peer, int expected, int received)
    {
        if (received != expected)
        {
            throw new CommunicationException($"rank {peer} gave {received} bytes to a collective operation where {expected} were expected");
        }
    }
}
