using CommandLine;

namespace DeeperThings.Cli.Options;

[Verb("verify", HelpText = "Run a plan and compare it with one rank: output, bytes and footprint.")]
internal sealed class VerifyOptions : RankOptions
{
    [Option("input", Required = true, MetaValue = "PATH", HelpText = "A picture (JPEG, PNG) or a .npy tensor.")]
    public string Input { get; set; } = string.Empty;
}
