using CommandLine;
using DeeperThings.Vision;

namespace DeeperThings.Cli.Options;

/// <summary>What the verbs that start ranks take.</summary>
internal abstract class RankOptions : ModelOptions
{
    [Option("plan", Required = true, MetaValue = "FILE", HelpText = "The plan to run.")]
    public string Plan { get; set; } = string.Empty;

    [Option("in-process", HelpText = "Run the ranks as threads of this process, without MPI.")]
    public bool InProcess { get; set; }

    [Option("hostfile", MetaValue = "FILE", HelpText = "Start mpiexec over the hosts of this file.")]
    public string? Hostfile { get; set; }

    [Option("threads", Default = 0, MetaValue = "T", HelpText = "Threads of each rank's kernels; by default the cores of a host divided by its ranks.")]
    public int Threads { get; set; }

    [Option("preprocess", MetaValue = "P", HelpText = "How a picture becomes the network's input: letterbox, crop, stretch or none. Default: letterbox for detectors, else crop.")]
    public string? Preprocess { get; set; }

    [Option("timeout", Default = 120.0, MetaValue = "SECONDS", HelpText = "Longest wait for another rank.")]
    public double Timeout { get; set; }

    [Option("memory-limit", MetaValue = "SIZE", HelpText = "Refuse a plan that needs more on any rank, e.g. 64MB, before anything is loaded.")]
    public string? MemoryLimit { get; set; }

    [Option("verbose", HelpText = "Log more.")]
    public bool Verbose { get; set; }

    /// <summary>Checks what the parser cannot.</summary>
    /// <exception cref="UsageException">A value is not allowed.</exception>
    public virtual void Validate()
    {
        if (Threads is < 0 or > 1024)
        {
            throw new UsageException($"--threads {Threads}: allowed are 1 to 1024, or 0 for the default");
        }

        if (Timeout is not (> 0 and <= 1e6))
        {
            throw new UsageException($"--timeout {Timeout}: allowed are more than 0 and at most 1000000 seconds");
        }

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
