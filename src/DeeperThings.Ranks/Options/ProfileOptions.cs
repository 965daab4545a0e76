namespace DeeperThings.Ranks.Options;

/// <summary><c>profile</c></summary>
internal sealed class ProfileOptions : VerbOptions
{
    public ProfileOptions()
        : base("profile", "Measure the hosts of a cluster and the links between them, under mpiexec or by starting it, and write the cluster file for plan and simulate.")
    {
        Option<string>("--hostfile", "FILE", "Start mpiexec over the hosts of this file.", value => Hostfile = value);
        Option("--ranks", "N", "Ranks to start; by default as many as the hostfile has.", 0, value => Ranks = value);
        Required<string>("--output", "FILE", "The cluster file.", value => Output = value, "-o");
        Option("--threads", "T", "Threads of each rank's kernels; by default the cores of a host divided by its ranks.", 0, value => Threads = value);
        Option("--timeout", "SECONDS", "Longest wait for another rank.", 120.0, value => Timeout = value);
        Flag("--json", "Print what was measured as one JSON object.", value => Json = value);
    }

    public string? Hostfile { get; private set; }

    public int Ranks { get; private set; }

    public string Output { get; private set; } = string.Empty;

    public int Threads { get; private set; }

    public double Timeout { get; private set; }

    public bool Json { get; private set; }

    /// <exception cref="UsageException">A value is not allowed.</exception>
    public void Validate()
    {
        RequireDefaultOrCount("--ranks", Ranks);
        RequireDefaultOrCount("--threads", Threads);
        RequireSeconds("--timeout", Timeout);
    }
}
