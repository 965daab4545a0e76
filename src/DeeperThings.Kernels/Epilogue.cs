using System.Runtime.CompilerServices;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// data = activation(data + bias) over rows of consecutive channels: what ends a chain of FMAs. The same bits as <see cref="Elementwise.AddBias"/>.
/// </summary>
internal static unsafe class Epilogue<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    /// <param name="bias">One per row, or null.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* data, nint stride, int rows, int columns, float* bias, Activation activation)
    {
        int vectors = columns - (columns % TSimd.Count);
        switch (activation)
        {
            case Activation.Relu when bias is not null:
                for (int row = 0; row < rows; row++)
                {
                    float* target = data + (row * stride);
                    TVector biases = TSimd.Create(bias[row]);
                    for (int i = 0; i < vectors; i += TSimd.Count)
                    {
                        TSimd.Store(TSimd.Relu(TSimd.Add(TSimd.Load(target + i), biases)), target + i);
                    }
                }

                break;
            case Activation.Leaky when bias is not null:
                for (int row = 0; row < rows; row++)
                {
                    float* target = data + (row * stride);
                    TVector biases = TSimd.Create(bias[row]);
                    for (int i = 0; i < vectors; i += TSimd.Count)
                    {
                        TSimd.Store(TSimd.Leaky(TSimd.Add(TSimd.Load(target + i), biases)), target + i);
                    }
                }

                break;
            case Activation.Linear when bias is not null:
                for (int row = 0; row < rows; row++)
                {
                    float* target = data + (row * stride);
                    TVector biases = TSimd.Create(bias[row]);
                    for (int i = 0; i < vectors; i += TSimd.Count)
                    {
                        TSimd.Store(TSimd.Add(TSimd.Load(target + i), biases), target + i);
                    }
                }

                break;
            default:
                vectors = 0;
                break;
        }

        for (int row = 0; row < rows && vectors < columns; row++)
        {
            float* target = data + (row * stride) + vectors;
            if (bias is not null)
            {
                VectorLoops.AddScalar(target, columns - vectors, bias[row]);
            }

            VectorLoops.Activate(target, columns - vectors, activation);
        }
    }
}
