using DeeperThings.Vision;

namespace DeeperThings.Ranks.Options;

/// <summary>What the verbs that start ranks take.</summary>
internal abstract class RankOptions : ModelOptions
{
    protected RankOptions(string verb, string help)
        : base(verb, help)
    {
        Required<string>("--plan", "FILE", "The plan to run.", value => Plan = value);
        Flag("--in-process", "Run the ranks as threads of this process, without MPI.", value => InProcess = value);
        Option<string>("--hostfile", "FILE", "Start mpiexec over the hosts of this file.", value => Hostfile = value);
        Option("--threads", "T", "Threads of each rank's kernels; by default the cores of a host divided by its ranks.", 0, value => Threads = value);
        Option<string>("--preprocess", "P", "How a picture becomes the network's input: letterbox, crop, stretch or none. Default: letterbox for detectors, else crop.", value => Preprocess = value);
        Option("--timeout", "SECONDS", "Longest wait for another rank.", 120.0, value => Timeout = value);
        Option<string>("--memory-limit", "SIZE", "Refuse a plan that needs more on any rank, e.g. 64MB, before anything is loaded.", value => MemoryLimit = value);
        Flag("--verbose", "Log more.", value => Verbose = value);
    }

    public string Plan { get; private set; } = string.Empty;

    public bool InProcess { get; private set; }

    public string? Hostfile { get; private set; }

    public int Threads { get; private set; }

    public string? Preprocess { get; private set; }

    public double Timeout { get; private set; }

    public string? MemoryLimit { get; private set; }

    public bool Verbose { get; private set; }

    /// <summary>Checks what the parser cannot.</summary>
    /// <exception cref="UsageException">A value is not allowed.</exception>
    public virtual void Validate()
    {
        RequireDefaultOrCount("--threads", Threads);
        RequireSeconds("--timeout", Timeout);

        if (InProcess && Hostfile is not null)
        {
            throw new UsageException("--in-process and --hostfile exclude each other");
        }

        _ = ParsePreprocess();
        _ = ParseMemoryLimit();
    }

    /// <exception cref="UsageException">It is no size.</exception>
    public long? ParseMemoryLimit() => MemoryLimit is null ? null : ByteSize.Parse("--memory-limit", MemoryLimit);

    /// <exception cref="UsageException">There is no such preprocessing.</exception>
    public Preprocessing? ParsePreprocess() => Preprocess switch
    {
        null => null,
        "letterbox" => Preprocessing.Letterbox,
        "crop" => Preprocessing.Crop,
        "stretch" => Preprocessing.Stretch,
        "none" => Preprocessing.None,
        _ => throw new UsageException($"--preprocess {Preprocess}: allowed are letterbox, crop, stretch, none"),
    };
}
