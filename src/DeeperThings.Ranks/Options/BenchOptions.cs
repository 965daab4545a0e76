namespace DeeperThings.Ranks.Options;

/// <summary><c>bench</c></summary>
internal sealed class BenchOptions : ModelOptions
{
    public BenchOptions()
        : base("bench", "Measure a model in one process, without MPI: median milliseconds and GFLOP/s, per layer.")
    {
        Option("--threads", "T", "Threads of the kernels.", 1, value => Threads = value);
        Option("--repeat", "K", "Measured inferences, after one that is not.", 7, value => Repeat = value);
    }

    public int Threads { get; private set; }

    public int Repeat { get; private set; }

    /// <exception cref="UsageException">A value is not allowed.</exception>
    public void Validate()
    {
        if (Threads is < 1 or > 1024)
        {
            throw new UsageException($"--threads {Threads}: allowed are 1 to 1024");
        }

        if (Repeat is < 1 or > 1_000_000)
        {
            throw new UsageException($"--repeat {Repeat}: allowed are 1 to 1000000");
        }
    }
}
