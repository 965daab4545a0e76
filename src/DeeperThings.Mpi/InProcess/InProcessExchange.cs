using DeeperThings.Tensors;

namespace DeeperThings.Mpi;

/// <summary>An exchange between threads: posting matches and copies, waiting sleeps until the last operation is complete.</summary>
internal sealed class InProcessExchange : Exchange
{
    private readonly InProcessCommunicator _comm;
    private readonly Operation[] _operations;
    private int _count;

    // Guarded by the communicator's signal.
    private int _openCount;
    private long _lastCompletion;

    public InProcessExchange(InProcessCommunicator comm, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _comm = comm;
        _operations = [.. Enumerable.Range(0, capacity).Select(_ => new Operation(this))];
    }

    public override void Send(NativeBuffer data, int peer, int tag)
    {
        if (_comm.Admits(data, peer, tag))
        {
            Operation send = Open(data, peer, tag, isReceive: false);
            _comm.ThrowUnless(send.Mailbox!.PostSend(send));
            _comm.CountSend(data);
        }
    }

    public override void Receive(NativeBuffer data, int peer, int tag)
    {
        if (_comm.Admits(data, peer, tag))
        {
            Operation receive = Open(data, peer, tag, isReceive: true);
            _comm.ThrowUnless(receive.Mailbox!.PostReceive(receive));
            _comm.CountReceive(data);
        }
    }

    public override void Wait()
    {
        if (!WaitForAll())
        {
            throw Withdraw();
        }

        ReadOnlySpan<Operation> operations = _operations.AsSpan(0, _count);
        _count = 0;
        foreach (Operation operation in operations)
        {
            if (operation.IsReceive && operation.PeerCount != operation.Data.Count)
            {
                throw CommunicationException.WrongLength(operation.Peer, operation.Tag, operation.Data.Count, operation.PeerCount);
            }
        }
    }

    /// <summary>Called by the thread that copied, which may be the peer's.</summary>
    public void Complete(Operation operation, long peerCount)
    {
        lock (_comm.Signal)
        {
            operation.PeerCount = peerCount;
            _lastCompletion = Environment.TickCount64;
            if (--_openCount == 0)
            {
                Monitor.PulseAll(_comm.Signal);
            }
        }
    }

    private Operation Open(NativeBuffer data, int peer, int tag, bool isReceive)
    {
        CheckRoom(_count, _operations.Length);
        Operation operation = _operations[_count++];
        operation.Data = data;
        operation.Peer = peer;
        operation.Tag = tag;
        operation.IsReceive = isReceive;
        operation.Source = isReceive ? peer : _comm.Rank;
        operation.Mailbox = _comm.World.Mailboxes[isReceive ? _comm.Rank : peer];
        lock (_comm.Signal)
        {
            operation.PeerCount = -1;
            _openCount++;
        }

        return operation;
    }

    private bool WaitForAll()
    {
        InProcessFailure? failure = null;
        lock (_comm.Signal)
        {
            _lastCompletion = Environment.TickCount64;
            while (_openCount > 0 && (failure = _comm.World.Failure) is null)
            {
                if (!_comm.Signal.Wait(_lastCompletion, _comm.Deadline))
                {
                    return false;
                }
            }
        }

        return failure is null ? true : throw failure.ForFollowers;
    }

    /// <summary>Empties the exchange, so that no peer copies to or from its buffers later, and names the peers that were silent.</summary>
    private CommunicationException Withdraw()
    {
        Operation[] open = [.. _operations.Take(_count).Where(operation => operation.IsOpen)];
        foreach (Operation operation in open)
        {
            operation.Mailbox!.Withdraw(operation);
        }

        lock (_comm.Signal)
        {
            _count = _openCount = 0;
        }

        return CommunicationException.NoAnswer(open.Select(operation => operation.Peer), _comm.Deadline);
    }
}
