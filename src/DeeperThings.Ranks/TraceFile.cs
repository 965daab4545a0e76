using System.Diagnostics;
using System.Text.Json;
using DeeperThings.Mpi;
using DeeperThings.Models;
using DeeperThings.Partitioning;

namespace DeeperThings.Ranks;

/// <summary>One step of one rank in Chrome's trace format; times in microseconds since a barrier that all ranks left together.</summary>
internal sealed record TraceEvent(string Name, string Cat, double Ts, double Dur, int Pid)
{
    public string Ph { get; } = "X";

    public int Tid { get; }
}

/// <summary>A Chrome trace.</summary>
internal sealed record TraceDocument(IReadOnlyList<TraceEvent> TraceEvents);

/// <summary>The timeline of the last inference of all ranks.</summary>
internal static class TraceFile
{
    /// <summary>A moment that all ranks share, to within the time of a barrier; collective.</summary>
    public static long CommonStart(Communicator comm)
    {
        comm.Barrier();
        return Stopwatch.GetTimestamp();
    }

    /// <summary>Gathers all ranks' steps; collective. The root writes them to <paramref name="path"/>.</summary>
    public static void Write(RankSession session, long start, string path)
    {
        TraceEvent[] events = [.. session.Program.Steps.Select((step, index) => EventOf(session, step, index, start))];
        byte[][] all = session.Comm.AllgatherBlobs(JsonSerializer.SerializeToUtf8Bytes(events, RankJson.Default.TraceEventArray));
        if (session.IsRoot)
        {
            Write([.. all.SelectMany(blob => JsonSerializer.Deserialize(blob, RankJson.Default.TraceEventArray)!)], path);
        }
    }

    public static void Write(IReadOnlyList<TraceEvent> events, string path) =>
        AtomicFile.WriteText(path, JsonSerializer.Serialize(new TraceDocument(events), RankJson.Default.TraceDocument));

    private static TraceEvent EventOf(RankSession session, Step step, int index, long start)
    {
        (long begin, long end) = session.Executor.Clock.LastTicks(index);
        string layer = step.Layer == Network.Input ? "input" : session.Model.Network.Layers[step.Layer].Name;
        string kind = step switch
        {
            ComputeStep => "compute",
            RedistributeStep => "redistribute",
            ReduceScatterStep => "reduce-scatter",
            InputStep => "input",
            _ => "output",
        };
        return new($"{layer} {kind}", kind, Microseconds(begin - start), Microseconds(end - begin), session.Comm.Rank);
    }

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;
}
