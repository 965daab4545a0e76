using System.Runtime.InteropServices;
using System.Text;

namespace DeeperThings.Mpi;

/// <summary>Finds and loads the system's libmpich, and tells its ABI.</summary>
internal static unsafe class MpichLibrary
{
    /// <summary>Environment variable with the one name or path that is loaded instead of the usual ones.</summary>
    internal const string OverrideVariable = "DEEPERTHINGS_MPI_LIBRARY";

    private static readonly string[] s_names = ["libmpich.so.12", "libmpich.so"];

    /// <summary>Whether mpiexec started no other rank on this host: it tells each how many there are.</summary>
    internal static bool IsAloneOnHost => RanksOnHost == "1";

    /// <summary>Whether mpiexec started ranks on other hosts too.</summary>
    private static bool SpansHosts => Environment.GetEnvironmentVariable("PMI_SIZE") != RanksOnHost;

    private static string? RanksOnHost => Environment.GetEnvironmentVariable("MPI_LOCALNRANKS");

    /// <exception cref="MpiUnavailableException">There is no library, or it is not MPICH's.</exception>
    internal static MpiAbi Load()
    {
        // Both are read when libmpich loads. UCX's handler for SIGSEGV would turn every NullReferenceException into a crash.
        _ = Libc.setenv("UCX_ERROR_SIGNALS", "", overwrite: 0);

        // UCX's rendezvous has its handshakes wait behind other messages' bytes: over 100 Mbit/s an allgather takes 1.6 times as long as its bytes, without it 1.03 times.
        // Inside one host it costs nothing and keeps early messages out of a rank's memory.
        if (SpansHosts)
        {
            _ = Libc.setenv("UCX_RNDV_THRESH", "inf", overwrite: 0);
        }

        string[] names = Environment.GetEnvironmentVariable(OverrideVariable) is { Length: > 0 } name ? [name] : s_names;
        nint library = 0;
        string? found = names.FirstOrDefault(candidate => NativeLibrary.TryLoad(candidate, out library))
            ?? throw new MpiUnavailableException($"MPICH was not found: looked for {string.Join(" and ", names)}");
        string version = Version(library)
            ?? throw new MpiUnavailableException($"MPICH was not found: {found} is not an MPI library");
        MpiAbi abi = MpiAbi.For(version)
            ?? throw new MpiUnavailableException($"MPICH was not found: {found} is '{version}'");
        NativeLibrary.SetDllImportResolver(typeof(MpichLibrary).Assembly, (wanted, _, _) => wanted == MpichNative.Library ? library : 0);
        return abi;
    }

    /// <summary>First line of the library's description of itself, which may be asked for before <c>MPI_Init</c>; null if it is no MPI.</summary>
    private static string? Version(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "MPI_Get_library_version", out nint function))
        {
            return null;
        }

        byte[] text = new byte[MpiAbi.Mpich.LibraryVersionBytes];
        int length;
        fixed (byte* start = text)
        {
            _ = ((delegate* unmanaged<byte*, int*, int>)function)(start, &length);
        }

        return Encoding.UTF8.GetString(text, 0, length).Split('\n')[0].Trim();
    }
}
