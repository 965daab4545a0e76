using System.Runtime.CompilerServices;
using System.Text;
using static DeeperThings.Mpi.MpichNative;

namespace DeeperThings.Mpi;

/// <summary>
/// All ranks that one mpiexec started (<c>MPI_COMM_WORLD</c>). Every wait is a nonblocking call and a <see cref="WaitLoop"/>:
/// more ranks than cores are normal, and a dead peer must be noticed.
/// </summary>
public sealed unsafe class MpichCommunicator : Communicator
{
    private static readonly string[] s_launchVariables = ["PMI_RANK", "PMI_SIZE", "PMI_FD"];
    private static readonly TimeSpan s_flushTime = TimeSpan.FromMilliseconds(250);
    private static bool s_initialized;
    private bool _failed;
    private bool _disposed;

    private MpichCommunicator(MpiAbi abi)
    {
        Abi = abi;
        int rank, size;
        Check(MPI_Comm_set_errhandler(abi.CommWorld, abi.ErrorsReturn));
        Check(MPI_Comm_set_errhandler(abi.CommSelf, abi.ErrorsReturn));
        Check(MPI_Comm_rank(abi.CommWorld, &rank));
        Check(MPI_Comm_size(abi.CommWorld, &size));
        Rank = rank;
        Size = size;
    }

    /// <summary>True when mpiexec started this process. A program started by hand need not load MPI at all.</summary>
    public static bool IsLaunchedByMpiexec => s_launchVariables.Any(name => Environment.GetEnvironmentVariable(name) is not null);

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override int Size { get; }

    internal MpiAbi Abi { get; }

    /// <summary>
    /// Loads libmpich and joins the other ranks (MPI 4.0, "Startup"); without mpiexec the process is the only rank. Once in a process.
    /// The environment variable <c>DEEPERTHINGS_MPI_LIBRARY</c> names the library to load instead of <c>libmpich.so.12</c> or <c>libmpich.so</c>.
    /// </summary>
    /// <exception cref="MpiUnavailableException">The library is missing or is not MPICH's.</exception>
    /// <exception cref="CommunicationException">MPI did not start.</exception>
    /// <exception cref="InvalidOperationException">MPI was initialized before.</exception>
    public static MpichCommunicator Initialize()
    {
        if (s_initialized)
        {
            throw new InvalidOperationException("MPI can be initialized only once in a process");
        }

        MpiAbi abi = MpichLibrary.Load();
        WaitLoop.Prepare();
        s_initialized = true;
        int code = MPI_Init(null, null);
        if (code != 0)
        {
            throw new CommunicationException($"MPI_Init: error {code}");
        }

        WaitLoop.ListenToSockets(MpichLibrary.IsAloneOnHost);
        return new(abi);
    }

    /// <inheritdoc/>
    public override Exchange CreateExchange(int capacity) => new MpichExchange(this, capacity);

    /// <inheritdoc/>
    public override void Barrier()
    {
        MPI_Request request;
        Check(MPI_Ibarrier(Abi.CommWorld, &request));
        Complete(&request, nameof(Barrier));
    }

    /// <inheritdoc/>
    public override void Bcast(Span<byte> data, int root)
    {
        CheckRank(root);
        fixed (byte* start = data)
        {
            MPI_Request request;
            Check(MPI_Ibcast(start, data.Length, Abi.Byte, root, Abi.CommWorld, &request));
            Complete(&request, nameof(Bcast));
        }
    }

    /// <inheritdoc/>
    public override void Allgather(ReadOnlySpan<byte> send, Span<byte> receive)
    {
        CheckAllgather(send.Length, receive.Length);
        fixed (byte* from = send, to = receive)
        {
            MPI_Request request;
            Check(MPI_Iallgather(from, send.Length, Abi.Byte, to, send.Length, Abi.Byte, Abi.CommWorld, &request));
            Complete(&request, nameof(Allgather));
        }
    }

    /// <inheritdoc/>
    public override void Abort(int exitCode)
    {
        _failed = true;

        // mpiexec drops what it has not yet read of a rank's output when it ends the ranks: give it time to read the line that says why.
        Thread.Sleep(s_flushTime);

        // MPICH would print a line of its own below the one that says why: standard error ends here.
        StandardStreams.Drain();
        StandardStreams.CloseError();
        _ = MPI_Abort(Abi.CommWorld, exitCode);
        Environment.Exit(exitCode);
    }

    /// <summary>
    /// Leaves MPI together with all other ranks (MPI 4.0, "Finalization"). After a failed call it does nothing, because the others would wait;
    /// mpiexec ends them when this process ends, but only <see cref="Abort"/> gives it the exit code.
    /// </summary>
    /// <exception cref="CommunicationException">A rank did not come to the end within the <see cref="Communicator.Deadline"/>.</exception>
    public override void Dispose()
    {
        if (_disposed || _failed)
        {
            return;
        }

        _disposed = true;
        Barrier();

        // MPICH 4.0's MPI_Finalize over UCX/TCP hangs when it races with the peers' last messages: let them arrive first.
        Thread.Sleep(100);
        Check(MPI_Finalize());
    }

    /// <summary>The one place where MPI's error codes are looked at.</summary>
    internal void Check(int code, [CallerArgumentExpression(nameof(code))] string call = "")
    {
        if (code != 0)
        {
            throw Failure(new($"{call.Split('(')[0]}: {ErrorText(code)}"));
        }
    }

    /// <summary>Remembers that the ranks are no longer in step, so that <see cref="Dispose"/> does not wait for them.</summary>
    internal CommunicationException Failure(CommunicationException exception)
    {
        _failed = true;
        return exception;
    }

    internal string ErrorText(int code)
    {
        byte* text = stackalloc byte[Abi.ErrorStringBytes];
        int length;
        return MPI_Error_string(code, text, &length) == 0
            ? Encoding.UTF8.GetString(text, length).ReplaceLineEndings(" ")
            : $"error {code}";
    }

    private void Complete(MPI_Request* request, string operation)
    {
        var loop = new WaitLoop(Deadline);
        while (true)
        {
            int isComplete;
            Check(MPI_Test(request, &isComplete, (void*)Abi.StatusIgnore), operation);
            if (isComplete != 0)
            {
                return;
            }

            if (loop.IsExpired)
            {
                throw Failure(CommunicationException.NotAllArrived(operation, Deadline));
            }

            loop.Pause();
        }
    }
}
