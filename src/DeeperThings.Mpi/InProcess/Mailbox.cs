namespace DeeperThings.Mpi;

/// <summary>
/// Where sends to one rank meet its receives. Whoever comes second copies, under the lock, so that <see cref="Close"/> leaves no copy behind.
/// A send is complete when it has been received: a program that needs the network to buffer its messages hangs here, not first in the field.
/// </summary>
internal sealed unsafe class Mailbox
{
    private readonly object _lock = new(); // not a Lock, which allocates when threads first meet at it
    private readonly OperationQueue _sends = new();
    private readonly OperationQueue _receives = new();
    private bool _closed;

    /// <summary>False when the world has ended.</summary>
    public bool PostSend(Operation send)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            if (_receives.TakeFirst(send.Source, send.Tag) is Operation receive)
            {
                Deliver(send, receive);
            }
            else
            {
                _sends.Append(send);
            }

            return true;
        }
    }

    /// <inheritdoc cref="PostSend"/>
    public bool PostReceive(Operation receive)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            if (_sends.TakeFirst(receive.Source, receive.Tag) is Operation send)
            {
                Deliver(send, receive);
            }
            else
            {
                _receives.Append(receive);
            }

            return true;
        }
    }

    /// <summary>Forgets an operation that nobody waits for any longer.</summary>
    public void Withdraw(Operation operation)
    {
        lock (_lock)
        {
            _sends.Remove(operation);
            _receives.Remove(operation);
        }
    }

    /// <summary>Forgets everything and refuses what comes later.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _sends.Clear();
            _receives.Clear();
        }
    }

    private static void Deliver(Operation send, Operation receive)
    {
        long bytes = Math.Min(send.Data.Count, receive.Data.Count) * sizeof(float);
        Buffer.MemoryCopy(send.Data.Data, receive.Data.Data, bytes, bytes);
        receive.Complete(send.Data.Count);
        send.Complete(receive.Data.Count);
    }
}
