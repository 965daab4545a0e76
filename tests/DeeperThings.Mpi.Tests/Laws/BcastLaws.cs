namespace DeeperThings.Mpi.Tests;

public abstract class BcastLaws(World world)
{
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(6), InlineData(7)]
    public void Every_rank_has_the_bytes_of_any_root(int size) => world.Check(size, comm =>
    {
        for (int root = 0; root < size; root++)
        {
            foreach (int length in new[] { 0, 1, 17, 100_000 })
            {
                byte[] data = comm.Rank == root ? Blob.Of(root, length) : new byte[length];
                comm.Bcast(data, root);
                Assert.Equal(Blob.Of(root, length), data);
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => comm.Bcast([], size));
    });

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(6), InlineData(7)]
    public void A_blob_needs_no_agreed_length(int size) => world.Check(size, comm =>
    {
        for (int root = 0; root < size; root++)
        {
            foreach (int length in new[] { 0, 1, 5_000 })
            {
                // The ranks other than the root pass something else, which must not matter.
                Assert.Equal(Blob.Of(root, length), comm.BcastBlob(comm.Rank == root ? Blob.Of(root, length) : Blob.Of(9, 3), root));
            }
        }
    });

    public sealed class In_process() : BcastLaws(World.InProcess);

    public sealed class Under_mpiexec() : BcastLaws(World.Mpiexec);
}
