namespace DeeperThings.Kernels;

/// <summary>What one core does with one instruction set, measured.</summary>
/// <param name="PeakFlopsPerSecond">FMAs on registers alone, two operations each: what no kernel can exceed.</param>
/// <param name="MicroKernelFlopsPerSecond">The widest register tile of the convolutions, on operands in the nearest caches.</param>
public readonly record struct KernelSpeed(double PeakFlopsPerSecond, double MicroKernelFlopsPerSecond)
{
    public double Fraction => MicroKernelFlopsPerSecond / PeakFlopsPerSecond;
}
