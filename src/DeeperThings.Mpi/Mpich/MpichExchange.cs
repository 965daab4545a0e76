using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DeeperThings.Tensors;
using static DeeperThings.Mpi.MpichNative;

namespace DeeperThings.Mpi;

/// <summary>An exchange by <c>MPI_Isend</c>, <c>MPI_Irecv</c> and <c>MPI_Testall</c> (MPI 4.0, "Multiple Completions").</summary>
internal sealed unsafe class MpichExchange : Exchange
{
    private readonly MpichCommunicator _comm;
    private readonly MpiAbi _abi;
    private readonly Message[] _messages;

    // Pinned, so that they need no `fixed` and no release.
    private readonly byte[] _requests;
    private readonly byte[] _statuses;
    private int _count;

    public MpichExchange(MpichCommunicator comm, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _comm = comm;
        _abi = comm.Abi;
        _messages = new Message[capacity];
        _requests = GC.AllocateArray<byte>(checked(capacity * _abi.RequestBytes), pinned: true);
        _statuses = GC.AllocateArray<byte>(checked(capacity * _abi.StatusBytes), pinned: true);
    }

    public override void Send(NativeBuffer data, int peer, int tag)
    {
        if (_comm.Admits(data, peer, tag))
        {
            CheckRoom(_count, _messages.Length);
            _comm.Check(MPI_Isend(data.Data, (int)data.Count, _abi.Float, peer, tag, _abi.CommWorld, Request(_count)));
            _messages[_count++] = new(peer, tag, ReceiveCount: Message.NothingToCheck);
            _comm.CountSend(data);
        }
    }

    public override void Receive(NativeBuffer data, int peer, int tag)
    {
        if (_comm.Admits(data, peer, tag))
        {
            CheckRoom(_count, _messages.Length);
            _comm.Check(MPI_Irecv(data.Data, (int)data.Count, _abi.Float, peer, tag, _abi.CommWorld, Request(_count)));
            _messages[_count++] = new(peer, tag, ReceiveCount: (int)data.Count);
            _comm.CountReceive(data);
        }
    }

    public override void Wait()
    {
        var loop = new WaitLoop(_comm.Deadline);
        while (!TestAll())
        {
            if (loop.IsLookDue())
            {
                if (TestEach())
                {
                    loop.Restart();
                }
                else if (loop.IsExpired)
                {
                    throw _comm.Failure(CommunicationException.NoAnswer(OpenPeers(), _comm.Deadline));
                }
            }

            loop.Pause();
        }

        _count = 0;
    }

    private bool TestAll()
    {
        int areComplete;
        int code = MPI_Testall(_count, Request(0), &areComplete, Status(0));
        if (code != 0)
        {
            CheckStatuses();
            _comm.Check(code, nameof(MPI_Testall));
        }

        if (areComplete == 0)
        {
            return false;
        }

        for (int index = 0; index < _count; index++)
        {
            CheckLength(index);
        }

        return true;
    }

    /// <summary>Looks at each message alone, which <c>MPI_Testall</c> does not. True if one has completed since the last time.</summary>
    private bool TestEach()
    {
        bool progressed = false;
        for (int index = 0; index < _count; index++)
        {
            if (*Request(index) != _abi.RequestNull)
            {
                int isComplete;
                CheckPeer(MPI_Test(Request(index), &isComplete, Status(index)), index);
                if (isComplete != 0)
                {
                    CheckLength(index);

                    // From now on MPI_Testall reports an empty status for it.
                    _messages[index] = _messages[index] with { ReceiveCount = Message.NothingToCheck };
                    progressed = true;
                }
            }
        }

        return progressed;
    }

    private List<int> OpenPeers()
    {
        var peers = new List<int>();
        for (int index = 0; index < _count; index++)
        {
            if (*Request(index) != _abi.RequestNull)
            {
                peers.Add(_messages[index].Peer);
            }
        }

        return peers;
    }

    private void CheckStatuses()
    {
        for (int index = 0; index < _count; index++)
        {
            int code = *(int*)(Status(index) + _abi.StatusErrorOffset);
            if (code != _abi.ErrPending)
            {
                CheckPeer(code, index);
            }
        }
    }

    private void CheckPeer(int code, int index)
    {
        if (code != 0)
        {
            throw _comm.Failure(new($"message with rank {_messages[index].Peer}, tag {_messages[index].Tag}: {_comm.ErrorText(code)}"));
        }
    }

    private void CheckLength(int index)
    {
        Message message = _messages[index];
        if (message.ReceiveCount != Message.NothingToCheck)
        {
            int count;
            _comm.Check(MPI_Get_count(Status(index), _abi.Float, &count));
            if (count != message.ReceiveCount)
            {
                throw _comm.Failure(CommunicationException.WrongLength(message.Peer, message.Tag, message.ReceiveCount, count));
            }
        }
    }

    private MPI_Request* Request(int index) => (MPI_Request*)(Start(_requests) + (index * _abi.RequestBytes));

    private byte* Status(int index) => Start(_statuses) + (index * _abi.StatusBytes);

    private static byte* Start(byte[] pinned) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));

    /// <param name="ReceiveCount">Number of floats that must arrive.</param>
    private readonly record struct Message(int Peer, int Tag, int ReceiveCount)
    {
        /// <summary>A send, or a receive that has been checked.</summary>
        public const int NothingToCheck = -1;
    }
}
