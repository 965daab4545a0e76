using DeeperThings.Mpi;
using NLog;
using NLog.Config;
using NLog.Targets;

namespace DeeperThings.Ranks;

/// <summary>Logs to standard error, each line with rank and host.</summary>
internal static class RankLog
{
    private const string RankProperty = "rank";

    public static void Configure(bool verbose)
    {
        var target = new ConsoleTarget("stderr")
        {
            StdErr = true,
            Layout = "${time} ${level:uppercase=true:padding=-5} [${event-properties:" + RankProperty + ":whenEmpty=-} ${machinename}] ${message}",
        };
        var configuration = new LoggingConfiguration();
        configuration.AddRule(verbose ? LogLevel.Debug : LogLevel.Info, LogLevel.Fatal, target);
        LogManager.Configuration = configuration;
    }

    /// <summary>The logger of one rank.</summary>
    public static Logger For(Communicator comm) =>
        LogManager.GetLogger("deeperthings").WithProperty(RankProperty, $"{comm.Rank}/{comm.Size}");
}
