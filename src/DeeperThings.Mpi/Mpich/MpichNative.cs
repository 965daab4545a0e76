using System.Runtime.InteropServices;

namespace DeeperThings.Mpi;

/// <summary>The functions of mpi.h that are used, spelled as there. Each returns an error code for <see cref="MpichCommunicator.Check"/>.</summary>
internal static unsafe partial class MpichNative
{
    /// <summary>
    /// Resolved by <see cref="MpichLibrary"/>. Not "mpi": if the resolver found nothing, the runtime would probe libmpi.so, which may be Open MPI's.
    /// </summary>
    internal const string Library = "deeperthings-mpich-abi";

    [LibraryImport(Library)]
    internal static partial int MPI_Init(int* argc, byte*** argv);

    [LibraryImport(Library)]
    internal static partial int MPI_Finalize();

    [LibraryImport(Library)]
    internal static partial int MPI_Abort(MPI_Comm comm, int errorcode);

    [LibraryImport(Library)]
    internal static partial int MPI_Comm_set_errhandler(MPI_Comm comm, MPI_Errhandler errhandler);

    [LibraryImport(Library)]
    internal static partial int MPI_Comm_rank(MPI_Comm comm, int* rank);

    [LibraryImport(Library)]
    internal static partial int MPI_Comm_size(MPI_Comm comm, int* size);

    [LibraryImport(Library)]
    internal static partial int MPI_Error_string(int errorcode, byte* text, int* resultlen);

    [LibraryImport(Library)]
    internal static partial int MPI_Isend(void* buf, int count, MPI_Datatype datatype, int dest, int tag, MPI_Comm comm, MPI_Request* request);

    [LibraryImport(Library)]
    internal static partial int MPI_Irecv(void* buf, int count, MPI_Datatype datatype, int source, int tag, MPI_Comm comm, MPI_Request* request);

    [LibraryImport(Library)]
    internal static partial int MPI_Test(MPI_Request* request, int* flag, void* status);

    [LibraryImport(Library)]
    internal static partial int MPI_Testall(int count, MPI_Request* requests, int* flag, void* statuses);

    [LibraryImport(Library)]
    internal static partial int MPI_Get_count(void* status, MPI_Datatype datatype, int* count);

    [LibraryImport(Library)]
    internal static partial int MPI_Ibarrier(MPI_Comm comm, MPI_Request* request);

    [LibraryImport(Library)]
    internal static partial int MPI_Ibcast(void* buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm, MPI_Request* request);

    [LibraryImport(Library)]
    internal static partial int MPI_Iallgather(
        void* sendbuf, int sendcount, MPI_Datatype sendtype, void* recvbuf, int recvcount, MPI_Datatype recvtype, MPI_Comm comm, MPI_Request* request);
}
