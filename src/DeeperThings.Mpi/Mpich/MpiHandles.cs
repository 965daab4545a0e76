namespace DeeperThings.Mpi;

// MPI's handles. In MPICH's ABI each is a C int; their values stand in MpiAbi.

internal enum MPI_Comm;

internal enum MPI_Datatype;

internal enum MPI_Errhandler;

internal enum MPI_Request;
