namespace DeeperThings.Mpi.Tests;

/// <summary>How a deadline ends a program: see <see cref="ProgramLaws"/>.</summary>
public abstract class DeadlineLaws(World world)
{
    [Theory, InlineData(2)]
    public void A_wait_may_last_longer_than_the_deadline_while_messages_arrive(int size) => world.Check(size, comm =>
    {
        TimeSpan deadline = comm.Deadline;
        using var floats = new Floats(3);
        Exchange exchange = comm.CreateExchange(3);
        comm.Barrier();
        for (int tag = 0; tag < 3; tag++)
        {
            if (comm.Rank == 0)
            {
                exchange.Receive(floats.Buffer.Slice(tag, 1), 1, tag);
            }
            else
            {
                Thread.Sleep(600);
                exchange.Send(floats.Buffer.Slice(tag, 1), 0, tag);
                exchange.Wait();
            }
        }

        comm.Deadline = TimeSpan.FromSeconds(1);
        exchange.Wait();
        comm.Deadline = deadline;
        comm.Barrier();
    });

    public sealed class In_process() : DeadlineLaws(World.InProcess);

    public sealed class Under_mpiexec() : DeadlineLaws(World.Mpiexec);
}
