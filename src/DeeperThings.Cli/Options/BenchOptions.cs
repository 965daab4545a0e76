using CommandLine;

namespace DeeperThings.Cli.Options;

[Verb("bench", HelpText = "Measure a model in one process, without MPI: median milliseconds and GFLOP/s, per layer.")]
internal sealed class BenchOptions : ModelOptions
{
    [Option("threads", Default = 1, MetaValue = "T", HelpText = "Threads of the kernels.")]
    public int Threads { get; set; }

    [Option("repeat", Default = 7, MetaValue = "K", HelpText = "Measured inferences, after one that is not.")]
    public int Repeat { get; set; }

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
