using System.Runtime.InteropServices;
using DeeperThings.Ranks.Options;
using DeeperThings.Execution;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Mpi;
using DeeperThings.Partitioning;
using DeeperThings.Vision;

namespace DeeperThings.Ranks.Verbs;

/// <summary>What <c>verify --json</c> prints; differences over all outputs, absolute.</summary>
internal sealed record VerifySummary(bool Bitwise, double MaxDifference, double LargestValue, bool AsPlanned, bool Passed, IReadOnlyList<RankReport> Ranks);

/// <summary><c>deeperthings verify</c></summary>
internal static class VerifyPlan
{
    /// <summary>Largest difference to one rank, as a share of the largest value.</summary>
    private const double Tolerance = 1e-4;

    public static int Run(VerifyOptions options, IReadOnlyList<string> arguments) =>
        RankLauncher.Run(options, arguments, comm => RunRank(comm, options));

    private static int RunRank(Communicator comm, VerifyOptions options)
    {
        using RankSession session = RankSession.Open(comm, options, RankLog.For(comm));
        Together.Do(comm, () =>
        {
            if (session.IsRoot)
            {
                Read(session.Model.Network, options, session.Executor.Input);
            }

            return true;
        });
        float[] input = session.Executor.Input.ToArray();
        session.Executor.Run();
        RankReport[] ranks = RunPlan.GatherReports(session, 1);
        bool passed = true;
        if (session.IsRoot)
        {
            VerifySummary summary = Compare(session, options, input, ranks);
            Print(summary, options);
            passed = summary.Passed;
        }

        return passed ? ExitCode.Done : ExitCode.Bug;
    }

    private static void Read(Network network, VerifyOptions options, Span<float> target)
    {
        InputFile input = InputFiles.Expand([options.Input])[0];
        if (input.IsTensor)
        {
            Npy.Read(input.Path, network.InputShape, target);
            return;
        }

        using InputImage image = InputImage.Load(input.Path);
        Preprocessor.Write(image, options.ParsePreprocess() ?? Preprocessor.DefaultFor(network), network.InputShape, target);
    }

    private static VerifySummary Compare(RankSession session, VerifyOptions options, float[] input, RankReport[] ranks)
    {
        Network network = session.Model.Network;
        RankProgram whole = Lowering.ForRank(network, UniformPlan.WholeLike(network, session.Plan.Layers), 1, Partition.Root);
        bool bitwise = true;
        double difference = 0;
        double largest = 0;
        InProcessWorld.Run(1, comm =>
        {
            using var workers = new WorkerPool(options.Threads > 0 ? options.Threads : Environment.ProcessorCount);
            using var executor = new Executor(network, whole, session.Weights, comm, workers);
            input.CopyTo(executor.Input);
            executor.Run();
            foreach (int output in network.Outputs)
            {
                ReadOnlySpan<float> expected = executor.Output(output);
                ReadOnlySpan<float> actual = session.Executor.Output(output);
                bitwise &= MemoryMarshal.AsBytes(expected).SequenceEqual(MemoryMarshal.AsBytes(actual));
                for (int i = 0; i < expected.Length; i++)
                {
                    // A NaN is never close to anything.
                    double apart = Math.Abs((double)expected[i] - actual[i]);
                    difference = double.IsNaN(apart) ? double.PositiveInfinity : Math.Max(difference, apart);
                    largest = Math.Max(largest, Math.Abs(expected[i]));
                }
            }
        });
        bool asPlanned = ranks.All(rank => rank.IsAsPlanned());
        return new(bitwise, difference, largest, asPlanned, asPlanned && (bitwise || difference <= Tolerance * largest), ranks);
    }

    private static void Print(VerifySummary summary, VerifyOptions options)
    {
        if (options.Json)
        {
            Output.Json(summary, RankJson.Default.VerifySummary);
            return;
        }

        RunPlan.PrintRanks(summary.Ranks);
        Output.Line(summary.Bitwise
            ? "output: bitwise equal to one rank"
            : $"output: largest difference to one rank {summary.MaxDifference:E2}, {summary.MaxDifference / summary.LargestValue:E2} of the largest value");
        Output.Line($"bytes and footprint: {(summary.AsPlanned ? "as planned on every rank" : "NOT as planned")}");
        Output.Line(summary.Passed ? "passed" : "FAILED");
    }
}
