using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DeeperThings.Mpi;

/// <summary>
/// The event sets (epoll(7)) in which the MPI library keeps its sockets: they tell a rank that sleeps that bytes have come, or that a full socket takes more.
/// A library that keeps none leaves a plain sleep.
/// </summary>
internal static unsafe class SocketEvents
{
    private const string Descriptors = "/proc/self/fd";
    private const string EventSet = "anon_inode:[eventpoll]";
    private const short Readable = 1;

    // Pinned, so that a wait needs no `fixed`.
    private static Libc.PollDescriptor[] s_sets = GC.AllocateArray<Libc.PollDescriptor>(0, pinned: true);

    /// <summary>Whether <see cref="Find"/> found any.</summary>
    public static bool Exist => s_sets.Length > 0;

    /// <summary>Looks for the event sets that this process has open. After <c>MPI_Init</c>, which makes them.</summary>
    public static void Find()
    {
        int[] sets = Directory.Exists(Descriptors)
            ? [.. new DirectoryInfo(Descriptors).EnumerateFiles().Where(file => file.LinkTarget == EventSet).Select(file => int.Parse(file.Name))]
            : [];
        s_sets = GC.AllocateArray<Libc.PollDescriptor>(sets.Length, pinned: true);
        for (int index = 0; index < sets.Length; index++)
        {
            s_sets[index] = new() { Descriptor = sets[index], Events = Readable };
        }
    }

    /// <summary>Sleeps until there is an event, or for that long. True if there is one; it stays until the MPI library has seen to it.</summary>
    public static bool Wait(double microseconds)
    {
        var limit = TimeSpan.FromMicroseconds(microseconds);
        var time = new Libc.TimeSpecification { Seconds = (nint)limit.TotalSeconds, Nanoseconds = (nint)(limit.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick) };
        return Libc.ppoll((Libc.PollDescriptor*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(s_sets)), (nuint)s_sets.Length, &time, null) > 0;
    }
}
