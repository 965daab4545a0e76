namespace DeeperThings.Kernels.Tests;

internal static class Variants
{
    /// <summary>Every entry of the table that this process accelerates, but the naive loops.</summary>
    public static IEnumerable<KernelVariant> Fast => KernelVariant.All.Where(variant => variant.IsSupported && variant.Name != "reference");

    public static KernelVariant Reference => KernelVariant.All.Single(variant => variant.Name == "reference");

    public static TheoryData<string> Names => new(Fast.Select(variant => variant.Name));

    public static KernelVariant Get(string name) => KernelVariant.All.Single(variant => variant.Name == name);
}
