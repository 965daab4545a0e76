namespace DeeperThings.Ranks.Options;

/// <summary><c>run</c></summary>
internal sealed class RunOptions : RankOptions
{
    public RunOptions()
        : base("run", "Run a plan: as a rank under mpiexec, or start the ranks from here.")
    {
        RequiredList("--input", "PATH...", "Pictures (JPEG, PNG), .npy tensors, or folders of them.", value => Inputs = value);
        Required<string>("--output", "DIR", "Folder for the results.", value => Output = value, "-o");
        Flag("--dump-tensor", "Also write the raw network output as NAME.npy.", value => DumpTensor = value);
        Option<string>("--trace", "FILE", "Write the timeline of the last inference of all ranks as Chrome trace JSON.", value => Trace = value);
        Option("--repeat", "K", "Inferences of each input; the median time is reported.", 1, value => Repeat = value);
        Option("--threshold", "P", "Least confidence of a detection.", 0.5f, value => Threshold = value);
        Option("--nms", "IOU", "Overlap from which the weaker of two boxes of a class is dropped.", 0.45f, value => Overlap = value);
    }

    public IReadOnlyList<string> Inputs { get; private set; } = [];

    public string Output { get; private set; } = string.Empty;

    public bool DumpTensor { get; private set; }

    public string? Trace { get; private set; }

    public int Repeat { get; private set; }

    public float Threshold { get; private set; }

    public float Overlap { get; private set; }

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
