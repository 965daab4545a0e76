using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>Reads slices of a model's weights, batch norm folded in; never more of the file than the slice asked for.</summary>
public interface IWeightSource : IDisposable
{
    /// <summary>SHA-256 of the weights file, in lower-case hexadecimal; reads the whole file once, in small pieces.</summary>
    string Digest { get; }

    /// <summary>Bytes of weights read from the file so far, those for <see cref="Digest"/> not counted.</summary>
    long BytesRead { get; }

    /// <summary>
    /// The weights of one filter (output channel) for some of the input channels that it reads, as
    /// [channel][row][column] (<see cref="WeightedLayer.WeightsPerChannel"/> floats each).
    /// </summary>
    /// <param name="layer">A convolution or fully-connected layer.</param>
    /// <param name="filter">Output channel.</param>
    /// <param name="channels">Channels within the filter's group.</param>
    /// <param name="target">Exactly as many floats.</param>
    /// <exception cref="ModelException">The file cannot be read.</exception>
    void ReadFilter(WeightedLayer layer, int filter, Interval channels, Span<float> target);

    /// <summary>The biases of a layer's filters. For <see cref="LocallyConnected"/> use <see cref="ReadLocalBiases"/>.</summary>
    void ReadBiases(WeightedLayer layer, Interval filters, Span<float> target);

    /// <summary>The weights of one filter at one output position: [channel][row][column].</summary>
    void ReadLocalFilter(LocallyConnected layer, int row, int column, int filter, Span<float> target);

    /// <summary>The biases of one filter at some columns of one output row.</summary>
    void ReadLocalBiases(LocallyConnected layer, int filter, int row, Interval columns, Span<float> target);
}
