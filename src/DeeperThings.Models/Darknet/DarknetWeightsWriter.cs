using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DeeperThings.Models.Darknet;

/// <summary>Writes random weights in Darknet's format, for benchmarks and tests.</summary>
public static class DarknetWeightsWriter
{
    private const int BufferFloats = 1 << 16;

    /// <summary>
    /// Writes weights after He's rule (a sum of eight uniform values stands for the normal distribution), biases and means near 0, scales and variances near 1.
    /// The file depends on <paramref name="network"/> and <paramref name="seed"/> only. It is complete or not there.
    /// </summary>
    /// <param name="network">A network whose weights are laid out as in Darknet.</param>
    /// <param name="seed">Another seed gives other weights.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="progress">Told the share that is written, from 0 to 1, after every layer.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Initialize(Network network, int seed, string path, IProgress<double>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(path);
        AtomicFile.Write(path, (network, seed, progress), static (file, what) => Write(what.network, what.seed, file, what.progress));
    }

    private static void Write(Network network, int seed, FileStream file, IProgress<double>? progress)
    {
        // Version 0.2.0, then the images seen in training, 64 bits.
        Span<byte> header = stackalloc byte[20];
        header.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], 2);
        file.Write(header);

        float[] buffer = new float[BufferFloats];
        double[] deviations = WeightScale.StandardDeviations(network);
        long total = Math.Max(1, network.TotalParameters);
        long done = 0;
        foreach (WeightedLayer layer in network.Layers.OfType<WeightedLayer>())
        {
            // A generator of its own for every layer: seed and index only decide.
            var random = new NormalValues(unchecked(((ulong)(uint)seed << 32) + (uint)layer.Index));
            long biases = layer is LocallyConnected ? layer.Output.Count : layer.Filters;
            long weights = layer.Parameters - biases - (layer.BatchNormalized ? 3L * layer.Filters : 0);
            var weightsOf = (Mean: 0f, Deviation: (float)deviations[layer.Index]);

            Fill(biases, 0, 0.05f);
            if (layer is FullyConnected)
            {
                Fill(weights, weightsOf.Mean, weightsOf.Deviation);
                Statistics();
            }
            else
            {
                Statistics();
                Fill(weights, weightsOf.Mean, weightsOf.Deviation);
            }

            done += layer.Parameters;
            progress?.Report((double)done / total);

            void Statistics()
            {
                if (layer.BatchNormalized)
                {
                    // The generator stays below 5 deviations, so that scales and variances are positive.
                    Fill(layer.Filters, 1, 0.05f);
                    Fill(layer.Filters, 0, 0.05f);
                    Fill(layer.Filters, 1, 0.05f);
                }
            }

            void Fill(long count, float mean, float deviation)
            {
                while (count > 0)
                {
                    Span<float> piece = buffer.AsSpan(0, (int)Math.Min(count, buffer.Length));
                    random.Fill(piece, mean, deviation);
                    if (!BitConverter.IsLittleEndian)
                    {
                        Span<int> words = MemoryMarshal.Cast<float, int>(piece);
                        BinaryPrimitives.ReverseEndianness(words, words);
                    }

                    file.Write(MemoryMarshal.AsBytes(piece));
                    count -= piece.Length;
                }
            }
        }
    }

    /// <summary>Nearly normal values from integer arithmetic (SplitMix64), the same on every platform.</summary>
    private struct NormalValues(ulong seed)
    {
        // A sum of eight uniform integers below 2^16 has the mean 8 * 65535 / 2 and the variance 8 * (2^32 - 1) / 12.
        private const int Mean = 262140;
        private const float Deviation = 53509.906f;

        private ulong _state = Mix(seed + 0x9E3779B97F4A7C15);

        public void Fill(Span<float> target, float mean, float deviation)
        {
            float factor = deviation / Deviation;
            ulong state = _state;
            for (int i = 0; i < target.Length; i++)
            {
                ulong a = Mix(state += 0x9E3779B97F4A7C15);
                ulong b = Mix(state += 0x9E3779B97F4A7C15);

                // Pairs of 16-bit fields added within 32-bit fields, then the four sums.
                ulong sums = (a & 0x0000FFFF0000FFFF) + ((a >> 16) & 0x0000FFFF0000FFFF) + (b & 0x0000FFFF0000FFFF) + ((b >> 16) & 0x0000FFFF0000FFFF);
                int sum = (int)(uint)sums + (int)(sums >> 32);
                target[i] = mean + ((sum - Mean) * factor);
            }

            _state = state;
        }

        private static ulong Mix(ulong z)
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
