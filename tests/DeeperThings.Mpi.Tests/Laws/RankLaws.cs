namespace DeeperThings.Mpi.Tests;

public abstract class RankLaws(World world)
{
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(6), InlineData(7)]
    public void The_ranks_are_zero_to_size_on_this_host(int size) => world.Check(size, comm =>
    {
        Assert.Equal(size, comm.Size);
        Assert.Equal(Environment.MachineName, comm.Host);
        Assert.Equal(Enumerable.Range(0, size), comm.AllgatherBlobs([(byte)comm.Rank]).Select(blob => (int)blob[0]));
    });

    [Theory, InlineData(2)]
    public void A_null_reference_is_an_exception_and_not_a_crash(int size) => world.Check(size, comm =>
    {
        // UCX would handle the signal and end the process.
        Assert.Throws<NullReferenceException>(() => Length(comm.Rank < size ? null : []));
    });

    private static int Length(byte[]? bytes) => bytes!.Length;

    public sealed class In_process() : RankLaws(World.InProcess);

    public sealed class Under_mpiexec() : RankLaws(World.Mpiexec);
}
