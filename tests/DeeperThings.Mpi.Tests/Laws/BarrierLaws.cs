using System.Runtime.InteropServices;

namespace DeeperThings.Mpi.Tests;

public abstract class BarrierLaws(World world)
{
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(6), InlineData(7)]
    public void No_rank_leaves_before_the_last_has_arrived(int size) => world.Check(size, comm =>
    {
        for (int last = 0; last < size; last++)
        {
            if (comm.Rank == last)
            {
                Thread.Sleep(20);
            }

            // The monotonic clock is the same for all processes of the machine.
            long[] times = [Environment.TickCount64, 0];
            comm.Barrier();
            times[1] = Environment.TickCount64;
            long[] all = new long[2 * size];
            comm.Allgather(MemoryMarshal.AsBytes(times.AsSpan()), MemoryMarshal.AsBytes(all.AsSpan()));
            Assert.True(all.Where((_, index) => index % 2 == 1).Min() >= all[2 * last]);
        }
    });

    [Theory, InlineData(6)]
    public void A_thousand_barriers_take_less_than_ten_seconds_with_more_ranks_than_cores(int size) => world.Check(size, comm =>
    {
        long start = Environment.TickCount64;
        for (int time = 0; time < 1000; time++)
        {
            comm.Barrier();
        }

        Assert.InRange(Environment.TickCount64 - start, 0, 10_000);
    });

    public sealed class In_process() : BarrierLaws(World.InProcess);

    public sealed class Under_mpiexec() : BarrierLaws(World.Mpiexec);
}
