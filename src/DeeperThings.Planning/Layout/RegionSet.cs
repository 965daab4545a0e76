using DeeperThings.Tensors;

namespace DeeperThings.Planning.Layout;

/// <summary>One region per rank. Equal sets are the same object within one <see cref="RegionSets"/>.</summary>
internal sealed class RegionSet(int number, Region[] regions)
{
    public int Number { get; } = number;

    public Region[] Regions { get; } = regions;

    public Region this[int rank] => Regions[rank];

    /// <summary>Whether every rank finds its part of <paramref name="other"/> here.</summary>
    public bool Covers(RegionSet other)
    {
        for (int rank = 0; rank < Regions.Length; rank++)
        {
            if (!Regions[rank].Contains(other.Regions[rank]))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>Keeps one object for each set of regions.</summary>
internal sealed class RegionSets
{
    private readonly Dictionary<Region[], RegionSet> _sets = new(new ByContent());

    public RegionSet Of(IReadOnlyList<Region> regions)
    {
        Region[] key = [.. regions.Select(region => region.IsEmpty ? Region.Empty : region)];
        if (!_sets.TryGetValue(key, out RegionSet? set))
        {
            _sets.Add(key, set = new(_sets.Count, key));
        }

        return set;
    }

    private sealed class ByContent : IEqualityComparer<Region[]>
    {
        public bool Equals(Region[]? x, Region[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(Region[] regions)
        {
            var hash = default(HashCode);
            foreach (Region region in regions)
            {
                hash.Add(region);
            }

            return hash.ToHashCode();
        }
    }
}
