using System.Collections.Immutable;
using System.Security.Cryptography;
using DeeperThings.Models;

namespace DeeperThings.Partitioning;

/// <summary>SHA-256 of all that a rank reads of the weights: of the SHA-256 of each layer's slice, in the order of the layers.</summary>
public sealed class WeightsDigest : IDisposable
{
    private readonly IncrementalHash _all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Is given the bytes of one slice.</summary>
    public IncrementalHash Slice { get; } = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The digest of each rank; slices that several ranks read are read once.</summary>
    /// <exception cref="ModelException">The weights cannot be read.</exception>
    public static ImmutableArray<string> OfRanks(Network network, IReadOnlyList<RankProgram> programs, IWeightSource source)
    {
        var slices = new Dictionary<WeightSlice, byte[]>();
        return [.. programs.Select(OfRank)];

        string OfRank(RankProgram program)
        {
            using var digest = new WeightsDigest();
            foreach (WeightLoad load in RankWeights.Of(network, program))
            {
                if (!slices.TryGetValue(load.Slice, out byte[]? slice))
                {
                    var nothing = default(Nothing);
                    source.Read(load.Slice, new float[load.Slice.BiasCount], ref nothing, digest.Slice);
                    slices.Add(load.Slice, slice = digest.Slice.GetHashAndReset());
                }

                digest._all.AppendData(slice);
            }

            return digest.End();
        }
    }

    public void EndSlice() => _all.AppendData(Slice.GetHashAndReset());

    /// <returns>The digest, in lower-case hexadecimal.</returns>
    public string End() => Convert.ToHexStringLower(_all.GetHashAndReset());

    public void Dispose()
    {
        Slice.Dispose();
        _all.Dispose();
    }

    private readonly struct Nothing : IFilterTarget
    {
        public void Put(int filter, int row, int column, ReadOnlySpan<float> weights)
        {
        }
    }
}
