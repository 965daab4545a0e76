using DeeperThings.Tensors;

namespace DeeperThings.Mpi;

/// <summary>One send or receive of an exchange, reused with it. A mailbox chains the open ones, so that posting allocates nothing.</summary>
internal sealed class Operation(InProcessExchange exchange)
{
    public NativeBuffer Data { get; set; }

    /// <summary>The rank at the other end.</summary>
    public int Peer { get; set; }

    /// <summary>The rank that sends.</summary>
    public int Source { get; set; }

    /// <summary>The mailbox in which the operation waits: that of the rank that receives.</summary>
    public Mailbox? Mailbox { get; set; }

    public int Tag { get; set; }

    public bool IsReceive { get; set; }

    /// <summary>Number of floats that the other side stated; -1 while the operation is open. Guarded by the owner's signal.</summary>
    public long PeerCount { get; set; }

    public bool IsOpen => PeerCount < 0;

    /// <summary>The next operation in the mailbox's queue.</summary>
    public Operation? Next { get; set; }

    public void Complete(long peerCount) => exchange.Complete(this, peerCount);
}
