using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Rows of weights that are each multiplied with one vector: output[i] = activation(row[i]·vector + bias[i]).</summary>
internal unsafe struct DotRows
{
    public float* Weights;

    /// <summary>How <see cref="Weights"/> are stored.</summary>
    public ElementType WeightType;

    /// <summary>Elements from one row to the next; zero padded behind <see cref="Length"/> to a multiple of <see cref="FullyConnected.Lanes"/>.</summary>
    public long RowStride;

    /// <summary>Exactly <see cref="Length"/> floats; nothing behind it may be read.</summary>
    public float* Vector;
    public int Length;

    /// <summary>Null: no bias.</summary>
    public float* Bias;
    public long BiasStride;
    public float* Output;
    public long OutputStride;
    public Activation Activation;
}
