using System.Collections.Immutable;
using DeeperThings.Tensors;

namespace DeeperThings.Models;

/// <summary>An immutable, validated DAG of layers with inferred shapes. It holds no weights.</summary>
public sealed class Network
{
    /// <summary>Producer index of the network's input.</summary>
    public const int Input = -1;

    /// <param name="name">Name of the model, without folder and extension.</param>
    /// <param name="inputShape">Shape of the network's input.</param>
    /// <param name="layers">Layers in an order in which every producer comes before its consumers.</param>
    /// <param name="digest">SHA-256 of the model file, in lower-case hexadecimal.</param>
    /// <exception cref="ModelException">A layer reads one that does not come before it.</exception>
    public Network(string name, Shape inputShape, ImmutableArray<Layer> layers, string digest)
    {
        Name = name;
        InputShape = inputShape;
        Layers = layers;
        Digest = digest;

        var consumers = layers.Select(_ => ImmutableArray.CreateBuilder<int>()).ToArray();
        for (int index = 0; index < layers.Length; index++)
        {
            if (layers[index].Index != index)
            {
                throw new ModelException($"{name}: layer at position {index} has index {layers[index].Index}");
            }

            foreach (int producer in layers[index].Inputs)
            {
                if (producer < Input || producer >= index)
                {
                    throw new ModelException($"{name}: layer {layers[index].Name} reads layer {producer}; only layers before it are allowed");
                }

                if (producer != Input)
                {
                    consumers[producer].Add(index);
                }
            }
        }

        Outputs = [.. layers.Where(layer => consumers[layer.Index].Count == 0).Select(layer => Resolve(layer.Index))];
    }

    public string Name { get; }

    public Shape InputShape { get; }

    public ImmutableArray<Layer> Layers { get; }

    /// <summary>SHA-256 of the model file, in lower-case hexadecimal.</summary>
    public string Digest { get; }

    /// <summary>The layers that no other layer reads, identities resolved; the last one is Darknet's network output.</summary>
    public ImmutableArray<int> Outputs { get; }

    public long TotalParameters => Layers.Sum(layer => layer.Parameters);

    public long TotalFlops => Layers.Sum(layer => layer.TotalFlops);

    public Shape ShapeOf(int producer) => producer == Input ? InputShape : Layers[producer].Output;

    /// <summary>The layer (or <see cref="Input"/>) whose memory <paramref name="producer"/> is, identities skipped.</summary>
    public int Resolve(int producer)
    {
        while (producer != Input && Layers[producer].IsIdentity)
        {
            producer = Layers[producer].Inputs[0];
        }

        return producer;
    }
}
