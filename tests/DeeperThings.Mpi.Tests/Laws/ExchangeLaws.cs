using DeeperThings.Tensors;

namespace DeeperThings.Mpi.Tests;

public abstract class ExchangeLaws(World world)
{
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(6), InlineData(7)]
    public void Pairs_of_neighbours_swap(int size) => world.Check(size, comm =>
    {
        int peer = comm.Rank ^ 1;
        Exchange exchange = comm.CreateExchange(2);
        if (peer < size)
        {
            using Floats mine = Floats.From(comm.Rank, peer, 1000);
            using var theirs = new Floats(1000);
            exchange.Send(mine.Buffer, peer, 0);
            exchange.Receive(theirs.Buffer, peer, 0);
            exchange.Wait();
            theirs.AssertFrom(peer, comm.Rank);
        }
    });

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(6), InlineData(7)]
    public void A_ring_hands_each_rank_what_its_predecessor_sent_at_every_length(int size) => world.Check(size, comm =>
    {
        int next = (comm.Rank + 1) % size;
        int previous = (comm.Rank + size - 1) % size;
        Exchange exchange = comm.CreateExchange(2);
        foreach (int count in new[] { 1, 2, 63, 4096, 20_001, 1_000_003 })
        {
            using Floats mine = Floats.From(comm.Rank, next, count);
            using var theirs = new Floats(count);
            exchange.Receive(theirs.Buffer, previous, Communicator.LargestTag);
            exchange.Send(mine.Buffer, next, Communicator.LargestTag);
            exchange.Wait();
            theirs.AssertFrom(previous, comm.Rank);
        }
    });

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(6), InlineData(7)]
    public void Every_rank_gets_from_every_rank_another_number_of_floats(int size) => world.Check(size, comm =>
    {
        static int Count(int source, int destination) => ((source * 5) + (destination * 3)) % 7 * 1111;
        Floats[] sent = [.. Enumerable.Range(0, size).Select(peer => Floats.From(comm.Rank, peer, Count(comm.Rank, peer)))];
        Floats[] received = [.. Enumerable.Range(0, size).Select(peer => new Floats(Count(peer, comm.Rank)))];
        Exchange exchange = comm.CreateExchange(2 * size);
        for (int peer = 0; peer < size; peer++)
        {
            exchange.Send(sent[peer].Buffer, peer, 7);
            exchange.Receive(received[peer].Buffer, peer, 7);
        }

        exchange.Wait();
        for (int peer = 0; peer < size; peer++)
        {
            received[peer].AssertFrom(peer, comm.Rank);
            received[peer].Dispose();
            sent[peer].Dispose();
        }
    });

    [Theory, InlineData(2), InlineData(3), InlineData(6)]
    public void An_exchange_completes_while_another_is_open(int size) => world.Check(size, comm =>
    {
        int next = (comm.Rank + 1) % size;
        int previous = (comm.Rank + size - 1) % size;
        using Floats mine = Floats.From(comm.Rank, next, 100_000);
        using var first = new Floats(100_000);
        using var second = new Floats(100_000);
        Exchange open = comm.CreateExchange(2);
        Exchange inner = comm.CreateExchange(2);
        open.Receive(first.Buffer, previous, 1);
        inner.Receive(second.Buffer, previous, 2);
        inner.Send(mine.Buffer, next, 2);
        inner.Wait();
        second.AssertFrom(previous, comm.Rank);
        open.Send(mine.Buffer, next, 1);
        open.Wait();
        first.AssertFrom(previous, comm.Rank);
    });

    [Theory, InlineData(2), InlineData(7)]
    public void Empty_buffers_are_ignored_on_either_side(int size) => world.Check(size, comm =>
    {
        long before = comm.MessagesSent + comm.MessagesReceived;
        Exchange exchange = comm.CreateExchange(0);
        exchange.Wait();
        exchange.Send(default, 0, 3);
        exchange.Receive(default, size - 1, 4);
        exchange.Wait();
        Assert.Equal(before, comm.MessagesSent + comm.MessagesReceived);
    });

    [Theory, InlineData(1), InlineData(3)]
    public unsafe void Bad_arguments_are_refused_before_anything_is_sent(int size) => world.Check(size, comm =>
    {
        using var floats = new Floats(4);
        using var more = new Floats(4);
        NativeBuffer buffer = floats.Buffer;
        NativeBuffer tooLong = new(buffer.Data, 1L << 31);
        Exchange exchange = comm.CreateExchange(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => exchange.Send(buffer, size, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => exchange.Receive(buffer, -1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => exchange.Send(buffer, 0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => exchange.Receive(buffer, 0, Communicator.LargestTag + 1));
        Assert.Contains("split it", Assert.Throws<ArgumentOutOfRangeException>(() => exchange.Send(tooLong, 0, 0)).Message);
        Assert.Contains("split it", Assert.Throws<ArgumentOutOfRangeException>(() => exchange.Receive(tooLong, 0, 0)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => comm.CreateExchange(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => comm.Deadline = TimeSpan.Zero);
        exchange.Wait();
        exchange.Receive(buffer, comm.Rank, 0);
        Assert.Throws<InvalidOperationException>(() => exchange.Send(buffer, comm.Rank, 0));
        Exchange other = comm.CreateExchange(1);
        other.Send(more.Buffer, comm.Rank, 0);
        other.Wait();
        exchange.Wait();
    });

    public sealed class In_process() : ExchangeLaws(World.InProcess);

    public sealed class Under_mpiexec() : ExchangeLaws(World.Mpiexec);
}
