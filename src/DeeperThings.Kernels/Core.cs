using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DeeperThings.Kernels;

/// <summary>
/// Which core a thread runs on. A kernel that does not know which caches cores share, as in many virtual machines, may leave two busy threads on one core while another
/// is idle; a thread that finds itself beside another can move away. On Linux only: elsewhere no core is known.
/// </summary>
public static unsafe partial class Core
{
    /// <summary>What <see cref="Current"/> is where it is not known.</summary>
    public const int Unknown = -1;

    /// <summary>The calling thread's core at this moment, or <see cref="Unknown"/>.</summary>
    public static int Current => OperatingSystem.IsLinux() ? sched_getcpu() : Unknown;

    /// <summary>Moves the calling thread to a core that it may use and that is none of <paramref name="taken"/>; which cores it may use stays as it was.</summary>
    /// <returns>Whether there is one.</returns>
    public static bool Leave(ReadOnlySpan<int> taken)
    {
        CoreSet allowed = default;
        if (!OperatingSystem.IsLinux() || sched_getaffinity(0, (nuint)sizeof(CoreSet), &allowed) < 0)
        {
            return false;
        }

        CoreSet others = allowed;
        foreach (int core in taken)
        {
            if (core >= 0 && core < CoreSet.Cores)
            {
                others[core / CoreSet.WordBits] &= ~(1UL << (core % CoreSet.WordBits));
            }
        }

        // The kernel refuses a set without an allowed core.
        if (sched_setaffinity(0, (nuint)sizeof(CoreSet), &others) < 0)
        {
            return false;
        }

        _ = sched_setaffinity(0, (nuint)sizeof(CoreSet), &allowed);
        return true;
    }

    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial int sched_getcpu();

    [LibraryImport("libc")]
    private static partial int sched_getaffinity(int thread, nuint bytes, CoreSet* cores);

    [LibraryImport("libc")]
    private static partial int sched_setaffinity(int thread, nuint bytes, CoreSet* cores);

    /// <summary>One bit for each core, as the kernel has them.</summary>
    [InlineArray(Cores / WordBits)]
    private struct CoreSet
    {
        public const int Cores = 1024;
        public const int WordBits = 64;

        private ulong _first;
    }
}
