using CommandLine;

namespace DeeperThings.Cli.Options;

[Verb("run", HelpText = "Run a plan: as a rank under mpiexec, or start the ranks from here.")]
internal sealed class RunOptions : RankOptions
{
    [Option("input", Required = true, MetaValue = "PATH...", HelpText = "Pictures (JPEG, PNG), .npy tensors, or folders of them.")]
    public IEnumerable<string> Inputs { get; set; } = [];

    [Option('o', "output", Required = true, MetaValue = "DIR", HelpText = "Folder for the results.")]
    public string Output { get; set; } = string.Empty;

    [Option("dump-tensor", HelpText = "Also write the raw network output as NAME.npy.")]
    public bool DumpTensor { get; set; }

    [Option("trace", MetaValue = "FILE", HelpText = "Write the timeline of the last inference of all ranks as Chrome trace JSON.")]
    public string? Trace { get; set; }

    [Option("repeat", Default = 1, MetaValue = "K", HelpText = "Inferences of each input; the median time is reported.")]
    public int Repeat { get; set; }

    [Option("threshold", Default = 0.5f, MetaValue = "P", HelpText = "Least confidence of a detection.")]
    public float Threshold { get; set; }

    [Option("nms", Default = 0.45f, MetaValue = "IOU", HelpText = "Overlap from which the weaker of two boxes of a class is dropped.")]
    public float Overlap { get; set; }

    public override void Validate()
    {
        base.Validate();
        if (Repeat is < 1 or > 1_000_000)
        {
            throw new UsageException($"--repeat {Repeat}: allowed are 1 to 1000000");
        }

        if (Threshold is not (>= 0 and <= 1) || Overlap is not (>= 0 and <= 1))
        {
            throw new UsageException($"--threshold {Threshold}, --nms {Overlap}: allowed are 0 to 1");
        }
    }
}
