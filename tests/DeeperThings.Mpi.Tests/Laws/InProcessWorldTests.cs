namespace DeeperThings.Mpi.Tests;

public class InProcessWorldTests
{
    [Fact]
    public void The_first_exception_is_rethrown_and_the_others_end_as_followers()
    {
        var followers = new System.Collections.Concurrent.ConcurrentBag<Exception>();
        var thrown = Assert.Throws<InvalidDataException>(() => InProcessWorld.Run(6, comm =>
        {
            try
            {
                if (comm.Rank == 4)
                {
                    throw new InvalidDataException("bad weights");
                }

                comm.Barrier();
            }
            catch (AbortedException exception)
            {
                followers.Add(exception);
                throw;
            }
        }));
        Assert.Equal("bad weights", thrown.Message);
        Assert.Equal(5, followers.Count);
        Assert.All(followers, follower => Assert.Equal("ended because rank 4 failed: bad weights", follower.Message));
    }

    [Fact]
    public void Abort_ends_the_world_with_its_code() =>
        Assert.Equal(9, Assert.Throws<AbortedException>(() => InProcessWorld.Run(2, comm =>
        {
            if (comm.Rank == 1)
            {
                comm.Abort(9);
            }

            comm.Barrier();
        })).ExitCode);

    [Fact]
    public void Each_rank_has_a_thread_with_its_name() =>
        InProcessWorld.Run(3, comm => Assert.Equal($"rank {comm.Rank}", Thread.CurrentThread.Name));

    [Fact]
    public void A_world_has_at_least_one_rank() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => InProcessWorld.Run(0, _ => { }));

    [Fact]
    public void Messages_that_missed_their_deadline_are_withdrawn() => InProcessWorld.Run(2, comm =>
    {
        using Floats mine = Floats.From(comm.Rank, 1, 8);
        using var theirs = new Floats(8);
        Exchange exchange = comm.CreateExchange(2);
        if (comm.Rank == 0)
        {
            comm.Deadline = TimeSpan.FromMilliseconds(50);
            exchange.Send(theirs.Buffer, 1, 0);
            exchange.Receive(theirs.Buffer, 1, 0);
            Assert.Equal("no answer from rank 1 within 0.05 s", Assert.Throws<CommunicationException>(exchange.Wait).Message);
            comm.Deadline = Timeout.InfiniteTimeSpan;
        }

        comm.Barrier();
        if (comm.Rank == 0)
        {
            exchange.Send(mine.Buffer, 1, 0);
        }
        else
        {
            exchange.Receive(theirs.Buffer, 0, 0);
        }

        exchange.Wait();
        if (comm.Rank == 1)
        {
            theirs.AssertFrom(0, 1);
        }
    });

    [Fact]
    public void Lengths_that_differ_in_a_collective_operation_are_an_error() =>
        Assert.Throws<CommunicationException>(() => InProcessWorld.Run(2, comm => comm.Bcast(new byte[comm.Rank + 1], 0)));
}
