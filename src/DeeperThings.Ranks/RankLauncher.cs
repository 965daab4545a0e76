using DeeperThings.Ranks.Options;
using DeeperThings.Mpi;
using DeeperThings.Partitioning;

namespace DeeperThings.Ranks;

/// <summary>Brings the ranks up: as this process under mpiexec, as threads, or by starting mpiexec.</summary>
internal static class RankLauncher
{
    /// <param name="options">How.</param>
    /// <param name="arguments">This command's arguments, for mpiexec.</param>
    /// <param name="rank">What each rank does; returns its exit code.</param>
    /// <returns>The exit code of the command.</returns>
    public static int Run(RankOptions options, IReadOnlyList<string> arguments, Func<Communicator, int> rank)
    {
        options.Validate();
        RankLog.Configure(options.Verbose);
        if (options.InProcess)
        {
            return MpiProgram.RunInProcess(PlanFile.Read(options.Plan).Ranks, RunRank, Console.Error, ExitCode.For);
        }

        if (MpichCommunicator.IsLaunchedByMpiexec)
        {
            return MpiProgram.Run(RunRank, Console.Error, ExitCode.For);
        }

        int ranks = PlanFile.Read(options.Plan).Ranks;
        int exitCode = Mpiexec.Run(ranks, options.Hostfile, arguments);
        return exitCode is >= ExitCode.Done and <= ExitCode.RankLost ? exitCode : ExitCode.RankLost;

        int RunRank(Communicator comm)
        {
            comm.Deadline = TimeSpan.FromSeconds(options.Timeout);
            return rank(comm);
        }
    }
}
