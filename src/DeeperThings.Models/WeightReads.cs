using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>Single filters and biases of a <see cref="IWeightSource"/>.</summary>
public static class WeightReads
{
    /// <summary>The weights of one filter for some of the input channels that it reads, as [channel][row][column].</summary>
    /// <param name="source">The weights.</param>
    /// <param name="layer">A convolution or fully-connected layer.</param>
    /// <param name="filter">Output channel.</param>
    /// <param name="channels">Channels within the filter's group.</param>
    /// <param name="target">Exactly as many floats.</param>
    /// <exception cref="ModelException">The file cannot be read.</exception>
    public static void ReadFilter(this IWeightSource source, WeightedLayer layer, int filter, Interval channels, Span<float> target)
    {
        Refuse(layer);
        Read(source, new(layer, new(filter, filter + 1), channels, default), target);
    }

    /// <summary>The biases of a layer's filters. For <see cref="LocallyConnected"/> use <see cref="ReadLocalBiases"/>.</summary>
    public static void ReadBiases(this IWeightSource source, WeightedLayer layer, Interval filters, Span<float> target)
    {
        Refuse(layer);
        var none = new Copy([]);
        source.Read(new(layer, default, default, filters), target, ref none);
    }

    /// <summary>The weights of one filter at one output position: [channel][row][column].</summary>
    public static void ReadLocalFilter(this IWeightSource source, LocallyConnected layer, int row, int column, int filter, Span<float> target)
    {
        ArgumentNullException.ThrowIfNull(layer);
        var position = new WeightSlice(layer, new(filter, filter + 1), Interval.All(layer.ChannelsPerFilter), default);
        Read(source, position with { Rows = new(row, row + 1), Columns = new(column, column + 1) }, target);
    }

    /// <summary>The biases of one filter at some columns of one output row.</summary>
    public static void ReadLocalBiases(this IWeightSource source, LocallyConnected layer, int filter, int row, Interval columns, Span<float> target)
    {
        ArgumentNullException.ThrowIfNull(layer);
        var none = new Copy([]);
        source.Read(new(layer, default, default, new(filter, filter + 1)) { Rows = new(row, row + 1), Columns = columns }, target, ref none);
    }

    private static void Read(IWeightSource source, WeightSlice slice, Span<float> target)
    {
        var copy = new Copy(target);
        source.Read(slice, [], ref copy);
    }

    private static void Refuse(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (layer is LocallyConnected)
        {
            throw new ArgumentException($"layer {layer.Name} has filters by position", nameof(layer));
        }
    }

    private readonly ref struct Copy(Span<float> target) : IFilterTarget
    {
        private readonly Span<float> _target = target;

        public void Put(int filter, int row, int column, ReadOnlySpan<float> weights)
        {
            if (weights.Length != _target.Length)
            {
                throw new ArgumentException($"the target has {_target.Length} floats; exactly {weights.Length} are needed");
            }

            weights.CopyTo(_target);
        }
    }
}
