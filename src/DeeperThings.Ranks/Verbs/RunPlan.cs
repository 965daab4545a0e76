using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using DeeperThings.Ranks.Options;
using DeeperThings.Models;
using DeeperThings.Mpi;
using DeeperThings.Vision;
using Spectre.Console;

namespace DeeperThings.Ranks.Verbs;

/// <summary>What <c>run --json</c> prints: <c>run.json</c> and all results.</summary>
internal sealed record RunSummary(RunReport Run, IReadOnlyList<JsonElement> Results);

/// <summary><c>deeperthings run</c></summary>
internal static class RunPlan
{
    public static int Run(RunOptions options, IReadOnlyList<string> arguments) =>
        RankLauncher.Run(options, arguments, comm => RunRank(comm, options));

    private static int RunRank(Communicator comm, RunOptions options)
    {
        // Looked for before the weights are read, which may take long.
        InputFile[] inputs = Together.Do(comm, () => comm.Rank == Partitioning.Partition.Root ? [.. InputFiles.Expand(options.Inputs)] : Array.Empty<InputFile>());
        using RankSession session = RankSession.Open(comm, options, RankLog.For(comm));
        ResultWriter? results = Together.Do(comm, () => session.IsRoot ? new ResultWriter(session.Model, options) : null);
        int count = Share(comm, inputs.Length);
        var progress = new ProgressLog(session.Log, $"{count} inputs");
        var seconds = new List<InputReport>();
        var timer = new double[options.Repeat];
        var memory = new MemoryMeter();
        Span<float> input = session.Executor.Input;
        float[] original = options.Repeat > 1 ? new float[input.Length] : [];
        for (int i = 0; i < count; i++)
        {
            results?.Read(inputs[i], input);
            input[..original.Length].CopyTo(original);
            for (int repeat = 0; repeat < options.Repeat; repeat++)
            {
                // An inference may have used the input's place for something else.
                original.CopyTo(input);
                long begin = Stopwatch.GetTimestamp();
                session.Executor.Run();
                timer[repeat] = Stopwatch.GetElapsedTime(begin).TotalSeconds;
                if (repeat == 0)
                {
                    session.Log.Debug("first inference of input {Input} in {Seconds:F3} s", i, timer[repeat]);
                    memory.Begin();
                }
            }

            memory.End();

            if (results is not null)
            {
                results.Write(session.Executor);
                seconds.Add(new(inputs[i].Name, Statistics.Median(timer)));
                progress.Report((i + 1.0) / count);
            }
        }

        RankReport[] ranks = GatherReports(session, count * options.Repeat, memory);
        if (options.Trace is not null)
        {
            TraceFile.Write(session, options.Trace);
        }

        if (results is not null)
        {
            var report = new RunReport(options.Model, options.Plan, ranks, seconds);
            AtomicFile.WriteText(Path.Combine(options.Output, "run.json"), JsonSerializer.Serialize(report, RankJson.Default.RunReport));
            Print(options, report, results);
        }

        return ranks.All(rank => rank.IsAsPlanned()) ? ExitCode.Done : ExitCode.Bug;
    }

    private static int Share(Communicator comm, int value)
    {
        comm.Bcast(MemoryMarshal.AsBytes(new Span<int>(ref value)), Partitioning.Partition.Root);
        return value;
    }

    internal static RankReport[] GatherReports(RankSession session, int inferences, MemoryMeter memory)
    {
        byte[] mine = JsonSerializer.SerializeToUtf8Bytes(RankReport.Of(session, inferences, memory), RankJson.Default.RankReport);
        return [.. session.Comm.AllgatherBlobs(mine).Select(blob => JsonSerializer.Deserialize(blob, RankJson.Default.RankReport)!)];
    }

    private static void Print(RunOptions options, RunReport report, ResultWriter results)
    {
        if (options.Json)
        {
            Output.Json(new RunSummary(report, [.. results.Results.Select(result => JsonDocument.Parse(result.ToJson()).RootElement)]), RankJson.Default.RunSummary);
            return;
        }

        Table table = Output.Table("input", " ms", "found");
        foreach ((InputReport input, Result result) in report.Inputs.Zip(results.Results))
        {
            Output.AddRow(table, [input.Name, $"{input.Seconds * 1e3:F1}", Describe(result)]);
        }

        Output.Out.Write(table);
        PrintRanks(report.Ranks);
        Output.Line($"{report.Inputs.Count} inputs on {report.Ranks.Count} ranks, median {Statistics.Median([.. report.Inputs.Select(input => input.Seconds)]) * 1e3:F1} ms; results in {options.Output}");
    }

    internal static void PrintRanks(IReadOnlyList<RankReport> ranks)
    {
        Table table = Output.Table(" rank", "host", " footprint bytes", " peak resident", " bytes sent", " bytes received", " messages", " s compute", " s communicate", "as planned");
        foreach (RankReport rank in ranks)
        {
            Output.AddRow(table, [$"{rank.Rank}", rank.Host, $"{rank.FootprintBytesAllocated:N0}", $"{rank.PeakResidentBytes:N0}", $"{rank.BytesSent:N0}", $"{rank.BytesReceived:N0}", $"{rank.Messages:N0}", $"{rank.SecondsCompute:F3}", $"{rank.SecondsCommunicate:F3}", rank.IsAsPlanned() ? "yes" : "NO"]);
        }

        Output.Out.Write(table);
    }

    private static string Describe(Result result) => string.Join(", ", result.Detections is { } detections
        ? detections.Select(detection => $"{detection.Class} {detection.Confidence:P0}")
        : result.Classes!.Select(found => $"{found.Class} {found.Confidence:P1}"));
}
