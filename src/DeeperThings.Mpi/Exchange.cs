using DeeperThings.Tensors;

namespace DeeperThings.Mpi;

/// <summary>
/// A reusable set of nonblocking sends and receives that complete together in <see cref="Wait"/> (MPI 4.0, "Nonblocking Communication").
/// Made by <see cref="Communicator.CreateExchange"/>; allocates nothing on the managed heap afterwards.
/// </summary>
/// <remarks>
/// A message meets the receive with the same peer and tag; several such messages arrive in the order in which they were sent
/// (MPI 4.0, "Semantics of Point-to-Point Communication"). Both sides state the same length. Empty buffers are ignored on both sides.
/// Until <see cref="Wait"/> returns, the buffers belong to the exchange: what is sent must not change, what is received must not be read.
/// </remarks>
public abstract class Exchange
{
    /// <summary>Starts to send <paramref name="data"/> to the rank <paramref name="peer"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There is no such rank, the tag is outside <c>0..<see cref="Communicator.LargestTag"/></c>, or there are more than 2³¹ - 1 floats.
    /// </exception>
    /// <exception cref="InvalidOperationException">The exchange is full.</exception>
    public abstract void Send(NativeBuffer data, int peer, int tag);

    /// <summary>Starts to receive exactly <paramref name="data"/>'s number of floats from the rank <paramref name="peer"/>.</summary>
    /// <inheritdoc cref="Send"/>
    public abstract void Receive(NativeBuffer data, int peer, int tag);

    /// <summary>Returns when everything has been sent and received; then the exchange is empty and may be filled again.</summary>
    /// <exception cref="CommunicationException">
    /// Nothing completed within the <see cref="Communicator.Deadline"/>, a message had another length than its receive, or the network failed.
    /// </exception>
    public abstract void Wait();

    internal static void CheckRoom(int count, int capacity)
    {
        if (count >= capacity)
        {
            throw new InvalidOperationException($"the exchange was created for {capacity} messages and is full; call Wait, or create it larger");
        }
    }
}
