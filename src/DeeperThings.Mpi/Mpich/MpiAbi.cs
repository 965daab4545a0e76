namespace DeeperThings.Mpi;

/// <summary>What mpi.h says beyond the signatures: the values of handles and constants, and the layout of requests and statuses.</summary>
internal sealed record MpiAbi
{
    /// <summary>The MPICH ABI, shared by MPICH since 3.1 and its relatives. The MPI-5 ABI, with pointer-sized handles, would be a second table.</summary>
    public static readonly MpiAbi Mpich = new()
    {
        CommWorld = (MPI_Comm)0x44000000,
        CommSelf = (MPI_Comm)0x44000001,
        RequestNull = (MPI_Request)0x2c000000,
        Byte = (MPI_Datatype)0x4c00010d,
        Float = (MPI_Datatype)0x4c00040a,
        ErrorsReturn = (MPI_Errhandler)0x54000001,
        StatusIgnore = 1,
        ErrPending = 18,
        ErrorStringBytes = 1024,
        LibraryVersionBytes = 8192,
        RequestBytes = 4,
        StatusBytes = 20,
        StatusErrorOffset = 16,
    };

    public required MPI_Comm CommWorld { get; init; }

    public required MPI_Comm CommSelf { get; init; }

    public required MPI_Request RequestNull { get; init; }

    public required MPI_Datatype Byte { get; init; }

    public required MPI_Datatype Float { get; init; }

    public required MPI_Errhandler ErrorsReturn { get; init; }

    /// <summary>The address that stands for "no status wanted".</summary>
    public required nint StatusIgnore { get; init; }

    /// <summary>In a status: neither failed nor complete.</summary>
    public required int ErrPending { get; init; }

    /// <summary>Room for the text of an error.</summary>
    public required int ErrorStringBytes { get; init; }

    /// <summary>Room for the library's description of itself.</summary>
    public required int LibraryVersionBytes { get; init; }

    /// <summary>Stride of an array of requests.</summary>
    public required int RequestBytes { get; init; }

    /// <summary>Stride of an array of statuses.</summary>
    public required int StatusBytes { get; init; }

    /// <summary>Byte offset of <c>MPI_ERROR</c>, an int, in a status.</summary>
    public required int StatusErrorOffset { get; init; }

    /// <summary>The ABI of the library that calls itself <paramref name="libraryVersion"/>; null if it is none of the known ones.</summary>
    public static MpiAbi? For(string libraryVersion) =>
        libraryVersion.StartsWith("MPICH", StringComparison.Ordinal) ? Mpich : null;
}
