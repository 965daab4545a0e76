using DeeperThings.Tensors;

namespace DeeperThings.Mpi.Tests;

/// <summary>Programs of three ranks that end in some way, for <see cref="ProgramLaws"/>.</summary>
internal static class Scenarios
{
    public static readonly Dictionary<string, Func<Communicator, int>> All = new()
    {
        [nameof(Healthy)] = Healthy,
        [nameof(RankOneThrowsWhileOthersReceive)] = RankOneThrowsWhileOthersReceive,
        [nameof(RankOneThrowsWhileOthersMeet)] = RankOneThrowsWhileOthersMeet,
        [nameof(RankTwoIsSilent)] = RankTwoIsSilent,
        [nameof(RankTwoMissesTheBarrier)] = RankTwoMissesTheBarrier,
        [nameof(RankOneReturnsThree)] = RankOneReturnsThree,
        [nameof(RanksReturnDifferentCodes)] = RanksReturnDifferentCodes,
        [nameof(RankOneReturnsThreeWhileOthersReceive)] = RankOneReturnsThreeWhileOthersReceive,
        [nameof(RankOneAborts)] = RankOneAborts,
        [nameof(MessageIsShorter)] = MessageIsShorter,
        [nameof(MessageIsLonger)] = MessageIsLonger,
        [nameof(MessageWakes)] = MessageWakes,
    };

    public static int ExitCode(Exception exception) => exception switch
    {
        InvalidDataException => 2,
        CommunicationException => 4,
        MpiUnavailableException => 5,
        _ => 1,
    };

    private static int Healthy(Communicator comm)
    {
        comm.Barrier();
        return 0;
    }

    private static int RankOneThrowsWhileOthersReceive(Communicator comm)
    {
        if (comm.Rank == 1)
        {
            Thread.Sleep(200); // the others must be waiting already
            throw new InvalidDataException("the weights\nare truncated");
        }

        Receive(comm, 8, 1);
        return 0;
    }

    private static int RankOneThrowsWhileOthersMeet(Communicator comm)
    {
        if (comm.Rank == 1)
        {
            Thread.Sleep(200); // the others must be waiting already
            throw new InvalidDataException("the weights are truncated");
        }

        comm.Barrier();
        return 0;
    }

    /// <summary>Rank 1 sends after most of the deadline, so that only rank 2 is silent.</summary>
    private static int RankTwoIsSilent(Communicator comm)
    {
        comm.Deadline = TimeSpan.FromSeconds(0.5);
        switch (comm.Rank)
        {
            case 0:
                Receive(comm, 8, 1, 2);
                break;
            case 1:
                Thread.Sleep(300);
                Send(comm, 8, 0);
                Thread.Sleep(3000);
                break;
            default:
                Thread.Sleep(3000);
                break;
        }

        return 0;
    }

    private static int RankTwoMissesTheBarrier(Communicator comm)
    {
        comm.Deadline = TimeSpan.FromSeconds(0.5);
        if (comm.Rank == 2)
        {
            Thread.Sleep(3000);
        }

        comm.Barrier();
        return 0;
    }

    private static int RankOneReturnsThree(Communicator comm) => comm.Rank == 1 ? 3 : 0;

    private static int RanksReturnDifferentCodes(Communicator comm) => comm.Rank * 2;

    private static int RankOneReturnsThreeWhileOthersReceive(Communicator comm)
    {
        if (comm.Rank != 1)
        {
            Receive(comm, 8, 1);
        }

        return 3;
    }

    private static int RankOneAborts(Communicator comm)
    {
        if (comm.Rank == 1)
        {
            comm.Abort(7);
        }

        Receive(comm, 8, 1);
        return 0;
    }

    private static int MessageIsShorter(Communicator comm) => SendEightFloats(comm, receiveCount: 9);

    private static int MessageIsLonger(Communicator comm) => SendEightFloats(comm, receiveCount: 7);

    private static int SendEightFloats(Communicator comm, int receiveCount)
    {
        if (comm.Rank == 1)
        {
            Send(comm, 8, 0);
        }
        else if (comm.Rank == 0)
        {
            Receive(comm, receiveCount, 1);
        }

        comm.Barrier();
        return 0;
    }

    /// <summary>Returns 0 if those that sleep are woken by rank 0's message, and by nothing before.</summary>
    private static int MessageWakes(Communicator comm)
    {
        comm.Barrier();
        if (comm.Rank == 0)
        {
            Thread.Sleep(1000);
            Send(comm, 8, 1);
            Send(comm, 8, 2);
            return 0;
        }

        bool wasWokenEarly = SocketEvents.Wait(100_000);
        bool wasWoken = SocketEvents.Wait(5_000_000);
        Receive(comm, 8, 0);
        return (wasWokenEarly, wasWoken) switch
        {
            (true, _) => 3,
            (_, false) => 4,
            _ => 0,
        };
    }

    private static void Send(Communicator comm, int count, int peer)
    {
        using Floats floats = Floats.From(comm.Rank, peer, count);
        Exchange exchange = comm.CreateExchange(1);
        exchange.Send(floats.Buffer, peer, 5);
        exchange.Wait();
    }

    private static void Receive(Communicator comm, int count, params int[] peers)
    {
        using var floats = new Floats(count * peers.Length);
        Exchange exchange = comm.CreateExchange(peers.Length);
        for (int index = 0; index < peers.Length; index++)
        {
            NativeBuffer buffer = floats.Buffer.Slice(index * count, count);
            exchange.Receive(buffer, peers[index], 5);
        }

        exchange.Wait();
    }
}
