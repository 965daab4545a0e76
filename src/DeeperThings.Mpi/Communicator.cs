using System.Runtime.InteropServices;
using DeeperThings.Tensors;

namespace DeeperThings.Mpi;

/// <summary>
/// The ranks of one program and what they say to each other: payload through an <see cref="Exchange"/>, control data through
/// <see cref="Bcast"/>, <see cref="Allgather"/> and <see cref="Barrier"/>. A communicator and its exchanges belong to one thread of the rank.
/// </summary>
public abstract class Communicator : IDisposable
{
    /// <summary>Largest tag of a message: what every MPI library accepts (MPI 4.0, "Environmental Inquiries", <c>MPI_TAG_UB</c>).</summary>
    public const int LargestTag = 32767;

    private TimeSpan _deadline = TimeSpan.FromSeconds(120);

    /// <summary>Position of this process, in <c>[0, Size)</c>.</summary>
    public abstract int Rank { get; }

    /// <summary>Number of ranks.</summary>
    public abstract int Size { get; }

    /// <summary>Name of the machine on which this rank runs.</summary>
    public string Host { get; } = Environment.MachineName;

    /// <summary>
    /// Longest time that a wait lasts without any completion; 120 s unless set. A wait that exceeds it throws a
    /// <see cref="CommunicationException"/> that names the silent ranks. <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or negative.</exception>
    public TimeSpan Deadline
    {
        get => _deadline;
        set
        {
            if (value <= TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "the deadline of a wait must be positive, or infinite");
            }

            _deadline = value;
        }
    }

    /// <summary>Bytes of payload that exchanges of this rank sent; control data is not counted, a message to the rank itself is.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Bytes of payload that exchanges of this rank received.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>Number of payload messages sent; empty ones are never sent and not counted.</summary>
    public long MessagesSent { get; private set; }

    /// <summary>Number of payload messages received.</summary>
    public long MessagesReceived { get; private set; }

    /// <summary>A reusable set of at most <paramref name="capacity"/> nonblocking sends and receives that complete together.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative.</exception>
    public abstract Exchange CreateExchange(int capacity);

    /// <summary>Returns when every rank has called it (MPI 4.0, "Barrier Synchronization").</summary>
    /// <exception cref="CommunicationException">A rank did not come within the <see cref="Deadline"/>, or the network failed.</exception>
    public abstract void Barrier();

    /// <summary>Gives every rank the bytes of <paramref name="root"/> (MPI 4.0, "Broadcast"). All ranks pass the same length.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no rank <paramref name="root"/>.</exception>
    /// <exception cref="CommunicationException">As for <see cref="Barrier"/>, or the lengths differ.</exception>
    public abstract void Bcast(Span<byte> data, int root);

    /// <summary>Puts the bytes of every rank, in rank order, into <paramref name="receive"/> (MPI 4.0, "Gather-to-all").</summary>
    /// <exception cref="ArgumentException"><paramref name="receive"/> is not <see cref="Size"/> times as long as <paramref name="send"/>.</exception>
    /// <exception cref="CommunicationException">As for <see cref="Barrier"/>, or the lengths differ.</exception>
    public abstract void Allgather(ReadOnlySpan<byte> send, Span<byte> receive);

    /// <summary>
    /// Ends all ranks; <paramref name="exitCode"/> becomes mpiexec's (MPI 4.0, "MPI_Abort"). Does not return: with MPI the process ends,
    /// in process an <see cref="AbortedException"/> ends the rank.
    /// </summary>
    public abstract void Abort(int exitCode);

    /// <summary>Leaves MPI, together with all other ranks. After a failed wait it does nothing: then call <see cref="Abort"/>.</summary>
    public abstract void Dispose();

    /// <summary>Every rank's bytes, of any length, indexed by rank. The longest, times <see cref="Size"/>, must stay below 2³¹ bytes.</summary>
    /// <exception cref="OverflowException">The blobs are too long.</exception>
    /// <exception cref="CommunicationException">As for <see cref="Barrier"/>.</exception>
    public byte[][] AllgatherBlobs(ReadOnlySpan<byte> send)
    {
        int length = send.Length;
        int[] lengths = new int[Size];
        Allgather(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(ref length)), MemoryMarshal.AsBytes(lengths.AsSpan()));
        int longest = lengths.Max();
        byte[] padded = new byte[longest];
        byte[] all = new byte[checked(Size * longest)];
        send.CopyTo(padded);
        Allgather(padded, all);
        byte[][] blobs = new byte[Size][];
        for (int rank = 0; rank < Size; rank++)
        {
            blobs[rank] = all.AsSpan(rank * longest, lengths[rank]).ToArray();
        }

        return blobs;
    }

    /// <summary>The bytes of <paramref name="root"/>, of any length, on every rank. <paramref name="data"/> matters on the root only.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no rank <paramref name="root"/>.</exception>
    /// <exception cref="CommunicationException">As for <see cref="Barrier"/>.</exception>
    public byte[] BcastBlob(ReadOnlySpan<byte> data, int root)
    {
        int length = data.Length;
        Bcast(MemoryMarshal.AsBytes(new Span<int>(ref length)), root);
        byte[] blob = new byte[length];
        if (Rank == root)
        {
            data.CopyTo(blob);
        }

        Bcast(blob, root);
        return blob;
    }

    /// <summary>False for an empty message, which neither side sends or counts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such peer or tag, or the message is too long for MPI.</exception>
    internal bool Admits(NativeBuffer data, int peer, int tag)
    {
        CheckRank(peer);
        if (tag is < 0 or > LargestTag)
        {
            throw new ArgumentOutOfRangeException(nameof(tag), tag, $"a tag is in 0..{LargestTag}");
        }

        if (data.Count > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(data), data.Count, $"a message between ranks {Rank} and {peer} (tag {tag}) has more than 2^31 - 1 floats; split it");
        }

        return !data.IsEmpty;
    }

    internal void CheckRank(int rank)
    {
        if (rank < 0 || rank >= Size)
        {
            throw new ArgumentOutOfRangeException(nameof(rank), rank, $"the ranks are 0..{Size - 1}");
        }
    }

    internal void CheckAllgather(int sendLength, int receiveLength)
    {
        if (receiveLength != (long)Size * sendLength)
        {
            throw new ArgumentException($"Allgather of {sendLength} bytes over {Size} ranks needs {(long)Size * sendLength} bytes of room, not {receiveLength}");
        }
    }

    /// <summary>Adds one sent message to the statistics.</summary>
    protected internal void CountSend(NativeBuffer data)
    {
        BytesSent += data.Count * sizeof(float);
        MessagesSent++;
    }

    /// <summary>Adds one received message to the statistics.</summary>
    protected internal void CountReceive(NativeBuffer data)
    {
        BytesReceived += data.Count * sizeof(float);
        MessagesReceived++;
    }
}
