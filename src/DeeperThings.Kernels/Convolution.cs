using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// Convolution of any window, stride, dilation, padding and groups. Every output element is one chain of FMAs
/// over k = (channel, window row, window column), ascending, then bias, then activation; with <see cref="ConvolutionAlgorithm.Winograd"/> it is a fixed
/// combination of 36 chains over the channels. Either way it has the same bits in whichever region, filter interval and
/// number of threads it is computed, and on every vector width of a machine with FMA.
/// </summary>
public static unsafe class Convolution
{
    public const string AlgorithmVariable = "DEEPERTHINGS_CONVOLUTION";

    private static readonly ConvolutionAlgorithm? _forced = ParseAlgorithm(Environment.GetEnvironmentVariable(AlgorithmVariable));

    /// <summary>
    /// The layer with the algorithm that is faster for it. A function of the whole layer, so that all parts of it agree; the environment variable
    /// <see cref="AlgorithmVariable"/>, which must be the same on all ranks, forces one where it is possible.
    /// </summary>
    /// <param name="shape">The layer.</param>
    /// <param name="input">Size of its whole input map.</param>
    public static ConvolutionShape Choose(in ConvolutionShape shape, Shape input) =>
        shape with { Algorithm = shape.CanWinograd ? _forced ?? Faster(shape, input) : ConvolutionAlgorithm.Direct };

    /// <summary>Floats whose room the packed weights take, of <paramref name="filters"/>, restricted to <paramref name="channels"/> within their group.</summary>
    public static long PackedCount(in ConvolutionShape shape, Interval filters, Interval channels)
    {
        shape.Validate(filters, channels);
        return shape.WeightType.Room(new PackedFilters(shape, filters, channels).Count);
    }

    /// <summary>Puts one filter into the packed weights; each filter of the interval once, in any order.</summary>
    /// <param name="weights">The filter's weights, [channels][window rows][window columns], of <paramref name="channels"/> only.</param>
    public static void PackFilter(in ConvolutionShape shape, Interval filters, Interval channels, int filter, ReadOnlySpan<float> weights, NativeBuffer packed)
    {
        shape.Validate(filters, channels);
        var layout = new PackedFilters(shape, filters, channels);
        Require.Count(packed, shape.WeightType.Room(layout.Count), nameof(packed));
        if (!filters.Contains(filter) || weights.Length != layout.K)
        {
            throw new ArgumentException($"filter {filter} of {filters} with {weights.Length} weights; {layout.K} are needed");
        }

        long first = layout.Offset(filter);
        for (int k = 0; k < weights.Length; k++)
        {
            Float16.Set(packed.Data, first + ((long)k * layout.PanelRows), weights[k], shape.WeightType);
        }

        layout.ClearPadding(filter, packed.Data, shape.WeightType);
    }

    /// <summary>Floats of scratch that <see cref="Run(in ConvolutionArguments, WorkerPool)"/> needs, for any number of threads and any instruction set.</summary>
    public static long ScratchCount(in ConvolutionShape shape, Region output, Interval channels)
    {
        shape.Validate(output.Channels, channels);
        return output.IsEmpty || channels.IsEmpty ? 0 : ConvolutionBlocking.ScratchCount(shape, output, channels);
    }

    public static void Run(in ConvolutionArguments arguments, WorkerPool workers) => Run(arguments, workers, KernelVariant.Current);

    public static void Run(in ConvolutionArguments arguments, WorkerPool workers, KernelVariant variant)
    {
        arguments.Validate();
        if (arguments.Region.IsEmpty)
        {
            return;
        }

        if (arguments.Channels.IsEmpty)
        {
            Elementwise.Clear(arguments.Output, arguments.Region);
            Elementwise.AddBias(arguments.Output, arguments.Region, arguments.Bias, arguments.Activation);
            return;
        }

        variant.Convolve(arguments, workers);
    }

    private static ConvolutionAlgorithm? ParseAlgorithm(string? name) => name switch
    {
        null or "" => null,
        "direct" => ConvolutionAlgorithm.Direct,
        "winograd" => ConvolutionAlgorithm.Winograd,
        _ => throw new InvalidOperationException($"{AlgorithmVariable}={name}: there is no such algorithm; use direct or winograd"),
    };

    // Measured, docs/kernels.md: with fewer channels or filters the transforms cost more than the products save. Tiles are computed in vectors of 16; when
    // the products take half of the multiplications, counted so, that pays for the transforms.
    private static ConvolutionAlgorithm Faster(in ConvolutionShape shape, Shape input)
    {
        const int LeastChannels = 8;
        const int LeastSaving = 2;
        Region output = Region.Whole(shape.OutputShape(input));
        long direct = (long)output.Rows.Length * output.Columns.Length * shape.FilterArea;
        long winograd = WinogradBlocking.StoredTiles(output, WinogradBlocking.TileSizeOf(shape)) * WinogradBlocking.Frequencies;
        return shape.InputChannels >= LeastChannels && shape.Filters >= LeastChannels && direct >= LeastSaving * winograd
            ? ConvolutionAlgorithm.Winograd
            : ConvolutionAlgorithm.Direct;
    }
}
