namespace DeeperThings.Mpi.Tests;

public abstract class AllgatherLaws(World world)
{
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(6), InlineData(7)]
    public void Every_rank_has_every_ranks_bytes_in_rank_order(int size) => world.Check(size, comm =>
    {
        foreach (int length in new[] { 0, 1, 32, 50_001 })
        {
            byte[] all = new byte[size * length];
            comm.Allgather(Blob.Of(comm.Rank, length), all);
            Assert.Equal(Enumerable.Range(0, size).SelectMany(rank => Blob.Of(rank, length)).ToArray(), all);
        }

        Assert.Throws<ArgumentException>(() => comm.Allgather(new byte[2], new byte[(2 * size) + 1]));
    });

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(6), InlineData(7)]
    public void Blobs_may_differ_in_length(int size) => world.Check(size, comm =>
    {
        byte[][] blobs = comm.AllgatherBlobs(Blob.Of(comm.Rank, comm.Rank * 1001));
        Assert.Equal(Enumerable.Range(0, size).Select(rank => Blob.Of(rank, rank * 1001)), blobs);
        Assert.All(comm.AllgatherBlobs([]), Assert.Empty);
    });

    public sealed class In_process() : AllgatherLaws(World.InProcess);

    public sealed class Under_mpiexec() : AllgatherLaws(World.Mpiexec);
}
