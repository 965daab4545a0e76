using System.Runtime.InteropServices;

namespace DeeperThings.Mpi;

/// <summary>What the wait loop and the start need of the C library, spelled as there.</summary>
internal static unsafe partial class Libc
{
    /// <summary>Sets a variable of the native environment, which <see cref="Environment.SetEnvironmentVariable(string, string?)"/> does not reach.</summary>
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags);

    [LibraryImport("libc")]
    internal static partial nint write(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc")]
    internal static partial int ioctl(int descriptor, nuint request, int* result);

    [LibraryImport("libc")]
    internal static partial int dup2(int oldDescriptor, int newDescriptor);

    [LibraryImport("libc")]
    internal static partial int sched_yield();

    [LibraryImport("libc")]
    internal static partial int sched_getscheduler(int thread);

    [LibraryImport("libc")]
    internal static partial int usleep(uint microseconds);

    [LibraryImport("libc")]
    internal static partial int ppoll(PollDescriptor* descriptors, nuint count, TimeSpecification* time, void* signals);

    [LibraryImport("libc")]
    internal static partial int clock_gettime(int clock, long* secondsAndNanoseconds);

    internal struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    internal struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
