using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Checks at the entry of every kernel: behind it only pointers are used.</summary>
internal static class Require
{
    public static void Count(NativeBuffer buffer, long count, string name)
    {
        if (buffer.Count < count)
        {
            throw new ArgumentException($"{name} has {buffer.Count} floats, {count} are needed", name);
        }
    }

    public static void Stores(FeatureMap map, Region region, string name)
    {
        if (!map.Region.Contains(region))
        {
            throw new ArgumentException($"{name} stores {map.Region}, {region} is needed", name);
        }
    }
}
