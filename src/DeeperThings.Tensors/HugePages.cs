using System.Runtime.InteropServices;

namespace DeeperThings.Tensors;

/// <summary>
/// Asks Linux to map memory in pages of 2 MB. Weights are read once from end to end, and a Winograd tile is scattered over 36 planes: with pages of 4 KB
/// a core waits for translations, the more so in a virtual machine. No byte more becomes resident, since arenas are cleared when they are made.
/// </summary>
internal static unsafe partial class HugePages
{
    public const long Bytes = 2 << 20;

    // MADV_HUGEPAGE in mman.h
    private const int HugePage = 14;

    /// <summary>Advice only: where it is not taken, everything works with small pages.</summary>
    public static void Advise(void* memory, long bytes)
    {
        if (OperatingSystem.IsLinux() && bytes >= Bytes)
        {
            _ = Advise(memory, (nuint)bytes, HugePage);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* memory, nuint bytes, int advice);
}
