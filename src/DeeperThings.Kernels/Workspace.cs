namespace DeeperThings.Kernels;

/// <summary>How much scratch a convolution may take, where its shape allows it. Smaller blocks repeat more work; no bit of the result depends on them.</summary>
public enum Workspace
{
    /// <summary>What is fastest: at most 4 MB.</summary>
    Fastest,

    /// <summary>256 KiB.</summary>
    Small,

    /// <summary>64 KiB.</summary>
    Least,
}
