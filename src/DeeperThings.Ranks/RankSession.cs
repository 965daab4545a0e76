using System.Diagnostics;
using System.Security.Cryptography;
using DeeperThings.Ranks.Options;
using DeeperThings.Execution;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Mpi;
using DeeperThings.Partitioning;
using NLog;

namespace DeeperThings.Ranks;

/// <summary>One rank, ready to run: model, plan and weights checked against the other ranks', its slices loaded.</summary>
internal sealed class RankSession : IDisposable
{
    private readonly WorkerPool _workers;

    private RankSession(Communicator comm, RankOptions options, Logger log)
    {
        Comm = comm;
        Log = log;
        (Model, Plan, Weights) = Together.Do(comm, () => Open(options, comm.Size));
        AgreeOnFiles(options);
        Program = Together.Do(comm, () => Plan.ProgramFor(Model.Network, comm.Rank));
        _workers = WorkersOf(comm, options.Threads);
        try
        {
            Executor = Together.Do(comm, () => Load(options.Plan));
        }
        catch
        {
            _workers.Dispose();
            Weights.Dispose();
            throw;
        }
    }

    /// <summary>The threads that were asked for; for 0 a rank's part of the cores of its host. Collective.</summary>
    public static WorkerPool WorkersOf(Communicator comm, int threads)
    {
        int share = CoreShare.Threads(comm);
        return new(threads > 0 ? threads : share);
    }

    public Communicator Comm { get; }

    public Logger Log { get; }

    public ModelFile Model { get; }

    public Plan Plan { get; }

    public IWeightSource Weights { get; }

    public RankProgram Program { get; }

    public Executor Executor { get; }

    public bool IsRoot => Comm.Rank == Partition.Root;

    /// <summary>Makes every rank ready; collective.</summary>
    /// <exception cref="RankFailureException">On the root: a rank is not, or differs from the others.</exception>
    public static RankSession Open(Communicator comm, RankOptions options, Logger log) => new(comm, options, log);

    public void Dispose()
    {
        Executor.Dispose();
        _workers.Dispose();
        Weights.Dispose();
    }

    private static (ModelFile Model, Plan Plan, IWeightSource Weights) Open(RankOptions options, int ranks)
    {
        Plan plan = PlanFile.Read(options.Plan);
        if (plan.Ranks != ranks)
        {
            throw new PlanException($"{options.Plan}: plan for {plan.Ranks} ranks, started with {ranks}; start mpiexec -n {plan.Ranks} or make a plan with --ranks {ranks}");
        }

        ModelFile model = ModelFile.Open(options.Model, options.Weights ?? (plan.HasFloat16Weights ? ModelFile.Float16 : null));
        plan.Validate(model.Network);
        CheckLimit(plan, options);
        return (model, plan, model.OpenWeights());
    }

    private static void CheckLimit(Plan plan, RankOptions options)
    {
        if (options.ParseMemoryLimit() is not { } limit)
        {
            return;
        }

        int rank = plan.Counts.FootprintBytes.IndexOf(plan.Counts.FootprintBytes.Max());
        long footprint = plan.Counts.FootprintBytes[rank];
        if (footprint > limit)
        {
            throw new PlanException($"{options.Plan}: rank {rank} needs {footprint:N0} bytes, {footprint - limit:N0} more than --memory-limit {options.MemoryLimit}");
        }
    }

    private void AgreeOnFiles(RankOptions options)
    {
        Together.Agree(Comm, $"model {Path.GetFileName(options.Model)}", Model.Network.Digest);
        Together.Agree(Comm, $"plan {Path.GetFileName(options.Plan)}", Together.Do(Comm, () => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(options.Plan)))));
        Together.Agree(Comm, $"size and header of weights {Path.GetFileName(Model.WeightsPath)}", Together.Do(Comm, () => Weights.HeaderDigest));
    }

    private Executor Load(string planPath)
    {
        // What reading the plan and lowering it took goes back to the system before the weights and the arena are taken.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        long start = Stopwatch.GetTimestamp();
        var progress = new ProgressLog(Log, "reading weights");
        var executor = new Executor(Model.Network, Program, Weights, Comm, _workers, progress.Report);
        if (Plan.WeightsDigests is { } digests && digests[Comm.Rank] != executor.WeightsDigest)
        {
            executor.Dispose();
            throw new PlanException($"{planPath}: made for other weights ({digests[Comm.Rank][..12]}) than rank {Comm.Rank} reads of {Model.WeightsPath} ({executor.WeightsDigest[..12]}); make the plan again, or copy the same file to every host");
        }

        Log.Debug("{Bytes:N0} bytes of weights read in {Seconds:F2} s; footprint {Footprint:N0} bytes; {Threads} threads", Weights.BytesRead, Stopwatch.GetElapsedTime(start).TotalSeconds, executor.FootprintBytesAllocated, _workers.Threads);
        return executor;
    }
}
