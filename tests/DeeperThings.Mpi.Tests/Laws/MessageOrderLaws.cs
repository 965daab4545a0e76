namespace DeeperThings.Mpi.Tests;

/// <summary>MPI 4.0, "Semantics of Point-to-Point Communication".</summary>
public abstract class MessageOrderLaws(World world)
{
    private const int Count = 200;

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(6), InlineData(7)]
    public void Messages_with_the_same_tag_keep_their_order(int size) => world.Check(size, comm =>
    {
        int next = (comm.Rank + 1) % size;
        int previous = (comm.Rank + size - 1) % size;
        using Floats mine = Floats.From(comm.Rank, next, Count);
        using var theirs = new Floats(Count);
        Exchange exchange = comm.CreateExchange(2 * Count);

        // Sends first on even ranks, so that both "message waits" and "receive waits" are met.
        for (int turn = 0; turn < 2; turn++)
        {
            for (int index = 0; index < Count; index++)
            {
                if (turn == comm.Rank % 2)
                {
                    exchange.Send(mine.Buffer.Slice(index, 1), next, 9);
                }
                else
                {
                    exchange.Receive(theirs.Buffer.Slice(index, 1), previous, 9);
                }
            }
        }

        exchange.Wait();
        theirs.AssertFrom(previous, comm.Rank);
    });

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(6)]
    public void Tags_and_sources_select_the_message_whatever_the_order_of_posting(int size) => world.Check(size, comm =>
    {
        using Floats mine = Floats.From(comm.Rank, 0, Count);
        Exchange exchange = comm.CreateExchange((size + 1) * Count);
        var received = new List<Floats>();
        for (int tag = 0; tag < Count; tag++)
        {
            exchange.Send(mine.Buffer.Slice(tag, 1), 0, tag);
        }

        if (comm.Rank == 0)
        {
            for (int peer = size - 1; peer >= 0; peer--)
            {
                var theirs = new Floats(Count);
                received.Insert(0, theirs);
                for (int tag = Count - 1; tag >= 0; tag--)
                {
                    exchange.Receive(theirs.Buffer.Slice(tag, 1), peer, tag);
                }
            }
        }

        exchange.Wait();
        for (int peer = 0; peer < received.Count; peer++)
        {
            received[peer].AssertFrom(peer, 0);
            received[peer].Dispose();
        }
    });

    public sealed class In_process() : MessageOrderLaws(World.InProcess);

    public sealed class Under_mpiexec() : MessageOrderLaws(World.Mpiexec);
}
