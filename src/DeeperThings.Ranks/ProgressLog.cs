using System.Diagnostics;
using NLog;

namespace DeeperThings.Ranks;

/// <summary>Logs the progress of long work, at most every two seconds.</summary>
internal sealed class ProgressLog(Logger log, string what)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    private long _last = Stopwatch.GetTimestamp();

    /// <param name="share">Done, from 0 to 1.</param>
    public void Report(double share)
    {
        if (Stopwatch.GetElapsedTime(_last) >= s_interval)
        {
            _last = Stopwatch.GetTimestamp();
            log.Info("{What}: {Share:P0}", what, share);
        }
    }
}
