using DeeperThings.Models;
using DeeperThings.Partitioning;

namespace DeeperThings.Clusters;

/// <summary>
/// What a kernel's time is made of: seconds = operations (in whole blocks) + floats gathered into blocks + weights read + bytes of the maps, each times its cost
/// (<see cref="LayerWork"/>), + a call. None is negative.
/// </summary>
public sealed record KernelCosts
{
    public required double SecondsPerFlop { get; init; }

    public required double SecondsPerGathered { get; init; }

    public required double SecondsPerWeight { get; init; }

    public required double SecondsPerMapByte { get; init; }

    /// <summary>Of a part of a layer however small it is: other work has driven the kernel's code and tables out of the caches.</summary>
    public double SecondsPerCall { get; init; }

    internal double Least => new[] { SecondsPerFlop, SecondsPerGathered, SecondsPerWeight, SecondsPerMapByte, SecondsPerCall }.Min();

    public double Seconds(LayerWork work, int lanes) =>
        work.IsEmpty ? 0
        : (work.BlockedFlops(lanes) * SecondsPerFlop) + (work.Gathered(lanes) * SecondsPerGathered) + (work.WeightsRead * SecondsPerWeight) + (work.MapBytes * SecondsPerMapByte) + SecondsPerCall;
}

/// <summary>The costs of a device's kernels.</summary>
public sealed record KernelProfile
{
    /// <summary>Floats of a vector.</summary>
    public required int VectorFloats { get; init; }

    public required KernelCosts Convolution3x3 { get; init; }

    public required KernelCosts Convolution1x1 { get; init; }

    public required KernelCosts OtherConvolution { get; init; }

    public required KernelCosts Winograd { get; init; }

    public required KernelCosts FullyConnected { get; init; }

    public required KernelCosts Elementwise { get; init; }

    internal IEnumerable<(string Kind, KernelCosts? Costs)> All =>
    [
        ("convolution3x3", Convolution3x3), ("convolution1x1", Convolution1x1), ("otherConvolution", OtherConvolution),
        ("winograd", Winograd), ("fullyConnected", FullyConnected), ("elementwise", Elementwise),
    ];

    public double Seconds(LayerWork work) => CostsOf(work).Seconds(work, VectorFloats);

    private KernelCosts CostsOf(LayerWork work) => work.IsWinograd ? Winograd : work.Layer is LocallyConnected ? FullyConnected : LayerKinds.KindOf(work.Layer) switch
    {
        LayerKind.Convolution3x3 => Convolution3x3,
        LayerKind.Convolution1x1 => Convolution1x1,
        LayerKind.OtherConvolution => OtherConvolution,
        LayerKind.FullyConnected => FullyConnected,
        _ => Elementwise,
    };
}
