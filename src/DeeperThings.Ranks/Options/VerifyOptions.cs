namespace DeeperThings.Ranks.Options;

/// <summary><c>verify</c></summary>
internal sealed class VerifyOptions : RankOptions
{
    public VerifyOptions()
        : base("verify", "Run a plan and compare it with one rank: output, bytes and footprint.")
    {
        Required<string>("--input", "PATH", "A picture (JPEG, PNG) or a .npy tensor.", value => Input = value);
    }

    public string Input { get; private set; } = string.Empty;
}
