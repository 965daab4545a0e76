using System.Security.Cryptography;
using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>Reads slices of a model's weights, batch norm folded in; never more than the slice asks for, and each byte of it once. Safe for use by several threads at once.</summary>
public interface IWeightSource : IDisposable
{
    /// <summary>Where it reads from, for messages.</summary>
    string Name { get; }

    /// <summary>SHA-256 of what can be known without reading weights: the file's size and header. Lower-case hexadecimal.</summary>
    string HeaderDigest { get; }

    /// <summary>Bytes of weights read so far.</summary>
    long BytesRead { get; }

    /// <summary>Reads a slice: first its biases, then its filters, rows and columns of a <see cref="LocallyConnected"/> layer before filters.</summary>
    /// <param name="slice">What is read.</param>
    /// <param name="biases">Exactly <see cref="WeightSlice.BiasCount"/> floats: [filter], or [filter][row][column] of a locally connected layer.</param>
    /// <param name="target">Takes the filters.</param>
    /// <param name="digest">Is given every byte that is read, in the order of reading.</param>
    /// <exception cref="ModelException">The file cannot be read.</exception>
    void Read<TTarget>(WeightSlice slice, Span<float> biases, ref TTarget target, IncrementalHash? digest = null)
        where TTarget : IFilterTarget, allows ref struct;
}
