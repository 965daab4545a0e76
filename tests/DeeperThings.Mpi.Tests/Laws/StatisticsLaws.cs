namespace DeeperThings.Mpi.Tests;

public abstract class StatisticsLaws(World world)
{
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(6), InlineData(7)]
    public void Payload_is_counted_to_the_byte_and_control_data_is_not(int size) => world.Check(size, comm =>
    {
        (long, long, long, long) before = (comm.BytesSent, comm.BytesReceived, comm.MessagesSent, comm.MessagesReceived);
        comm.Barrier();
        comm.BcastBlob(Blob.Of(0, 100), 0);
        comm.AllgatherBlobs(Blob.Of(comm.Rank, 100));
        int next = (comm.Rank + 1) % size;
        int previous = (comm.Rank + size - 1) % size;
        using Floats mine = Floats.From(comm.Rank, next, 1000 + comm.Rank);
        using var theirs = new Floats(1000 + previous);
        Exchange exchange = comm.CreateExchange(4);
        for (int time = 0; time < 3; time++)
        {
            exchange.Send(mine.Buffer, next, 0);
            exchange.Send(mine.Buffer.Slice(0, 10), next, 1);
            exchange.Send(mine.Buffer.Slice(0, 0), next, 2);
            exchange.Receive(theirs.Buffer, previous, 0);
            exchange.Receive(theirs.Buffer.Slice(0, 10), previous, 1);
            exchange.Wait();
        }

        Assert.Equal(before.Item1 + (3 * 4 * (1010 + comm.Rank)), comm.BytesSent);
        Assert.Equal(before.Item2 + (3 * 4 * (1010 + previous)), comm.BytesReceived);
        Assert.Equal((before.Item3 + 6, before.Item4 + 6), (comm.MessagesSent, comm.MessagesReceived));
    });

    public sealed class In_process() : StatisticsLaws(World.InProcess);

    public sealed class Under_mpiexec() : StatisticsLaws(World.Mpiexec);
}
