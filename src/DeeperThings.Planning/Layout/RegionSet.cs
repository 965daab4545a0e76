using DeeperThings.Tensors;

namespace DeeperThings.Planning.Layout;

/// <summary>One region per rank. Equal sets are the same object within one <see cref="RegionSets"/>.</summary>
internal sealed class RegionSet(int number, Region[] regions, StackPart part, ElementType wire)
{
    public int Number { get; } = number;

    public Region[] Regions { get; } = regions;

    public StackPart Part { get; } = part;

    /// <summary>How it is sent, where it is owned.</summary>
    public ElementType Wire { get; } = wire;

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

/// <summary>What the regions are for in a streamed stack; by default nothing.</summary>
/// <param name="Inside">The stack inside which they are owned and needed: a window, which only the same stack's next layer can read. 0 for none.</param>
/// <param name="Until">The last layer of the stack that needs them as its input, and so until its end. 0 for none.</param>
internal readonly record struct StackPart(int Inside, int Until);

/// <summary>Keeps one object for each set of regions.</summary>
internal sealed class RegionSets
{
    private readonly Dictionary<(Region[] Regions, StackPart Part, ElementType Wire), RegionSet> _sets = new(new ByContent());

    public RegionSet Of(IReadOnlyList<Region> regions, StackPart part = default, ElementType wire = ElementType.Float32)
    {
        (Region[] Regions, StackPart Part, ElementType Wire) key = ([.. regions.Select(region => region.IsEmpty ? Region.Empty : region)], part, wire);
        if (!_sets.TryGetValue(key, out RegionSet? set))
        {
            _sets.Add(key, set = new(_sets.Count, key.Regions, part, wire));
        }

        return set;
    }

    private sealed class ByContent : IEqualityComparer<(Region[] Regions, StackPart Part, ElementType Wire)>
    {
        public bool Equals((Region[] Regions, StackPart Part, ElementType Wire) x, (Region[] Regions, StackPart Part, ElementType Wire) y) =>
            x.Part == y.Part && x.Wire == y.Wire && x.Regions.AsSpan().SequenceEqual(y.Regions);

        public int GetHashCode((Region[] Regions, StackPart Part, ElementType Wire) key)
        {
            var hash = default(HashCode);
            hash.Add(key.Part);
            hash.Add(key.Wire);
            foreach (Region region in key.Regions)
            {
                hash.Add(region);
            }

            return hash.ToHashCode();
        }
    }
}
