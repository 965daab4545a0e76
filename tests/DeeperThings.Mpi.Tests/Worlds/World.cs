using System.Runtime.CompilerServices;

namespace DeeperThings.Mpi.Tests;

/// <summary>Where a law is checked. The body of a law is the same in every world.</summary>
public abstract class World
{
    public static readonly World InProcess = new ThreadWorld();
    public static readonly World Mpiexec = new MpiexecWorld();

    /// <summary>Runs <paramref name="law"/> on every rank; throws if it fails on one.</summary>
    public abstract void Check(int size, Action<Communicator> law, [CallerMemberName] string name = "", [CallerFilePath] string file = "");

    private sealed class ThreadWorld : World
    {
        public override void Check(int size, Action<Communicator> law, string name, string file) => InProcessWorld.Run(size, comm =>
        {
            comm.Deadline = TimeSpan.FromSeconds(20);
            law(comm);
        });
    }
}
