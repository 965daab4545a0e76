namespace DeeperThings.Mpi.Tests;

public abstract class AllocationLaws(World world)
{
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(6), InlineData(7)]
    public void An_exchange_used_a_thousand_times_allocates_nothing(int size) => world.Check(size, comm =>
    {
        Floats[] sent = [.. Enumerable.Range(0, size).Select(peer => Floats.From(comm.Rank, peer, 100))];
        Floats[] received = [.. Enumerable.Range(0, size).Select(_ => new Floats(100))];
        Exchange exchange = comm.CreateExchange(2 * size);
        Repeat(10);

        // Where it is about to recompile a method, the runtime itself allocates 32 bytes, once: one of three thousands must be clean.
        long[] allocated = [.. Enumerable.Range(0, 3).Select(_ =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Repeat(1000);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        })];
        Assert.Equal(0, allocated.Min());
        for (int peer = 0; peer < size; peer++)
        {
            received[peer].AssertFrom(peer, comm.Rank);
            received[peer].Dispose();
            sent[peer].Dispose();
        }

        void Repeat(int times)
        {
            for (int time = 0; time < times; time++)
            {
                for (int peer = 0; peer < size; peer++)
                {
                    exchange.Receive(received[peer].Buffer, peer, 1);
                    exchange.Send(sent[peer].Buffer, peer, 1);
                }

                exchange.Wait();
            }
        }
    });

    public sealed class In_process() : AllocationLaws(World.InProcess);

    public sealed class Under_mpiexec() : AllocationLaws(World.Mpiexec);
}
