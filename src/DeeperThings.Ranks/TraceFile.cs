using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using DeeperThings.Mpi;
using DeeperThings.Models;
using DeeperThings.Partitioning;

namespace DeeperThings.Ranks;

/// <summary>What Chrome's trace format calls the arguments of an event; null where an event has no such.</summary>
/// <param name="Name">Of a process, in its metadata.</param>
/// <param name="Tag">The exchange of which this step is one rank's part.</param>
/// <param name="BytesSent">By plan.</param>
/// <param name="BytesReceived">By plan.</param>
/// <param name="BytesSentCounted">By the communicator.</param>
/// <param name="BytesReceivedCounted">By the communicator.</param>
internal sealed record TraceArguments(
    string? Name = null,
    int? Layer = null,
    string? Kind = null,
    int? Tag = null,
    long? BytesSent = null,
    long? BytesReceived = null,
    long? BytesSentCounted = null,
    long? BytesReceivedCounted = null,
    double? ClockErrorMicroseconds = null);

/// <summary>
/// One step of one rank (<c>X</c>) or the name of a rank (<c>M</c>) in Chrome's trace format; times in microseconds on the root's clock since the first step began.
/// <c>tdur</c> is the part of <c>dur</c> in which the rank's thread had a processor.
/// </summary>
internal sealed record TraceEvent(
    string Name,
    string Ph,
    int Pid,
    TraceArguments Args,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Cat = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Ts = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Dur = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Tdur = null)
{
    public const string Step = "X";
    public const string Metadata = "M";

    public int Tid { get; init; }

    [JsonIgnore]
    public double End => (Ts ?? 0) + (Dur ?? 0);
}

/// <summary>A Chrome trace, as Perfetto and chrome://tracing read it.</summary>
internal sealed record TraceDocument(IReadOnlyList<TraceEvent> TraceEvents)
{
    public string DisplayTimeUnit { get; init; } = "ms";
}

/// <summary>The timeline of one inference of all ranks.</summary>
internal static class TraceFile
{
    /// <summary>Gathers all ranks' steps of the last inference, on the root's clock; collective. The root writes them to <paramref name="path"/>.</summary>
    public static void Write(RankSession session, string path)
    {
        RankClock clock = RankClock.Compare(session.Comm, Partition.Root)[session.Comm.Rank];
        TraceEvent[] events = [NameOf(session.Comm.Rank, session.Comm.Host, Microseconds(clock.Error)), .. session.Program.Steps.Select((_, index) => EventOf(session, index, clock))];
        byte[][] all = session.Comm.AllgatherBlobs(JsonSerializer.SerializeToUtf8Bytes(events, TraceJson.Default.TraceEventArray));
        if (session.IsRoot)
        {
            Write([.. all.SelectMany(blob => JsonSerializer.Deserialize(blob, TraceJson.Default.TraceEventArray)!)], path);
        }
    }

    /// <summary>Writes events, shifted so that the first step begins at zero.</summary>
    public static void Write(IReadOnlyList<TraceEvent> events, string path)
    {
        double first = events.Min(step => step.Ts) ?? 0;
        AtomicFile.WriteText(path, JsonSerializer.Serialize(new TraceDocument([.. events.Select(step => step with { Ts = step.Ts - first })]), TraceJson.Default.TraceDocument));
    }

    /// <exception cref="UsageException">The file cannot be read or is no trace.</exception>
    public static TraceDocument Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), TraceJson.Default.TraceDocument) is { TraceEvents: { } } trace ? trace : throw new UsageException($"{path}: no trace");
        }
        catch (JsonException e)
        {
            throw new UsageException($"{path}: no trace: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>The name of a rank's row.</summary>
    /// <param name="errorMicroseconds">By how much its clock may be off the root's at most; null for a prediction.</param>
    public static TraceEvent NameOf(int rank, string host, double? errorMicroseconds = null) =>
        new("process_name", TraceEvent.Metadata, rank, new(Name: $"rank {rank} ({host})", ClockErrorMicroseconds: errorMicroseconds));

    /// <summary>An event for a step of a rank's program.</summary>
    public static TraceEvent EventOf(Network network, RankProgram program, int index, double beginMicroseconds, double microseconds, (long Sent, long Received)? counted = null)
    {
        Step step = program.Steps[index];
        string layer = step.Layer == Network.Input ? "input" : network.Layers[step.Layer].Name;
        (string kind, int? tag, long sent, long received) = step switch
        {
            ComputeStep => ("compute", (int?)null, 0L, 0L),
            RedistributeStep redistribute => ("redistribute", redistribute.Tag, redistribute.Sends.Sum(message => message.Bytes), redistribute.Receives.Sum(message => message.Bytes)),
            ReduceScatterStep reduce => ("reduce-scatter", reduce.Tag, reduce.Sends.Sum(message => message.Bytes), reduce.Sums.Where(sum => sum.Peer != program.Rank).Sum(sum => sum.Place.Region.Bytes)),
            FinishStep => ("finish", null, 0, 0),
            InputStep => ("input", null, 0, 0),
            _ => ("output", null, 0, 0),
        };
        bool moves = tag is not null;
        return new(
            $"{layer} {kind}",
            TraceEvent.Step,
            program.Rank,
            new(null, step.Layer, kind, tag, moves ? sent : null, moves ? received : null, moves ? counted?.Sent : null, moves ? counted?.Received : null),
            kind,
            Math.Round(beginMicroseconds, 3),
            Math.Round(microseconds, 3));
    }

    private static TraceEvent EventOf(RankSession session, int index, RankClock clock)
    {
        (long begin, long end) = session.Executor.Clock.LastTicks(index);
        return EventOf(session.Model.Network, session.Program, index, Microseconds(begin - clock.Offset), Microseconds(end - begin), session.Executor.Clock.LastBytes(index)) with
        {
            Tdur = Math.Round(session.Executor.Clock.LastProcessorSeconds(index) * 1e6, 3),
        };
    }

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TraceEvent[]))]
[JsonSerializable(typeof(TraceDocument))]
internal sealed partial class TraceJson : JsonSerializerContext;
