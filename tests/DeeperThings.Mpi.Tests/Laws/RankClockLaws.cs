using System.Diagnostics;

namespace DeeperThings.Mpi.Tests;

public abstract class RankClockLaws(World world)
{
    [Theory, InlineData(1), InlineData(2), InlineData(6)]
    public void A_clock_that_stands_apart_is_found_to_within_the_stated_error(int size) => world.Check(size, comm =>
    {
        static long Apart(int rank) => rank * rank * 1_234_567_890_123;
        foreach (int root in new[] { 0, size - 1 })
        {
            // All ranks of the test share one machine, and so one clock.
            RankClock[] clocks = RankClock.Compare(comm, root, () => Stopwatch.GetTimestamp() + Apart(comm.Rank));
            Assert.Equal(size, clocks.Length);
            Assert.Equal(default, clocks[root]);
            for (int rank = 0; rank < size; rank++)
            {
                Assert.InRange(clocks[rank].Offset - (Apart(rank) - Apart(root)), -clocks[rank].Error, clocks[rank].Error);
            }
        }
    });

    public sealed class In_process() : RankClockLaws(World.InProcess);

    public sealed class Under_mpiexec() : RankClockLaws(World.Mpiexec);
}
