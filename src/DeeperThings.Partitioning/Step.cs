using System.Collections.Immutable;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>Where a feature map lies in a rank's arena.</summary>
/// <param name="Offset">Bytes from the start of the arena.</param>
/// <param name="Region">The box that is stored, in the map's own coordinates.</param>
public readonly record struct MapPlace(long Offset, Region Region);

/// <summary>A run of floats in a rank's arena or weights.</summary>
/// <param name="Offset">Bytes from the start.</param>
/// <param name="Count">Number of floats.</param>
public readonly record struct FloatPlace(long Offset, long Count)
{
    public long Bytes => Count * sizeof(float);
}

/// <summary>Where a layer's packed weights and its biases lie in a rank's weights.</summary>
/// <param name="Packed">Two float16 weights take the room of a float.</param>
/// <param name="Biases">Always float32.</param>
/// <param name="Type">How the packed weights are stored.</param>
public readonly record struct WeightPlace(FloatPlace Packed, FloatPlace Biases, ElementType Type);

/// <summary>One message of a redistribution.</summary>
/// <param name="Peer">The other rank.</param>
/// <param name="Pieces">The boxes in the order in which they lie in the message.</param>
/// <param name="Staging">Where the message is packed or unpacked; null where its only piece is contiguous in the map itself.</param>
/// <param name="Type">How it is sent; float16 is always packed.</param>
public sealed record Message(int Peer, ImmutableArray<Region> Pieces, FloatPlace? Staging, ElementType Type = ElementType.Float32)
{
    /// <summary>Number of elements.</summary>
    public long Count { get; } = Pieces.Sum(piece => piece.Count);

    /// <summary>Whole floats: a message with an odd number of halves is one longer.</summary>
    public long Bytes => Type.Room(Count) * sizeof(float);
}

/// <summary>One thing that a rank does; offsets point into its arena.</summary>
public abstract record Step
{
    /// <summary>The layer whose work or output this is; <see cref="Network.Input"/> for the network's input.</summary>
    public required int Layer { get; init; }

    /// <summary>What the output is rounded to, on every rank that computes some of it, because it is sent so.</summary>
    public ElementType Rounding { get; init; }
}

/// <summary>The root has put the network's input at <paramref name="Map"/>.</summary>
public sealed record InputStep(MapPlace Map) : Step;

/// <summary>
/// Moves parts of one feature map between ranks. First <paramref name="Local"/>, what this rank itself owns of its need, is copied; then the messages
/// are exchanged. A rank that neither needs nor sends anything has no such step.
/// </summary>
/// <param name="Source">What this rank owns.</param>
/// <param name="Target">Where this rank's need is put together; the same place as the source where it grows in place.</param>
public sealed record RedistributeStep(
    int Tag, MapPlace Source, MapPlace Target, Region Local, ImmutableArray<Message> Sends, ImmutableArray<Message> Receives) : Step
{
    /// <summary>Whether it only begins here; the next <see cref="FinishStep"/> ends all that have. What is computed in between reads nothing that is received.</summary>
    public bool IsOpen { get; init; }
}

/// <summary>Ends the redistributions before it that have only begun: waits for their messages and unpacks them.</summary>
/// <param name="Target">Theirs.</param>
/// <param name="Receives">Of all of them, which count them.</param>
public sealed record FinishStep(MapPlace Target, ImmutableArray<Message> Receives) : Step;

/// <summary>Computes <paramref name="Region"/> of a layer's output.</summary>
/// <param name="Inputs">Each stores at least what is needed of that input.</param>
/// <param name="Channels">Input channels (within a group) that are summed over; all of them but in a partial sum.</param>
/// <param name="IsPartial">Whether the result is a partial sum, without bias and activation.</param>
/// <param name="Algorithm">How a convolution is computed.</param>
/// <param name="Workspace">What its scratch is made for.</param>
public sealed record ComputeStep(
    ImmutableArray<MapPlace> Inputs, Interval Channels, bool IsPartial, MapPlace Output, Region Region, WeightPlace Weights, FloatPlace Scratch, ConvolutionAlgorithm Algorithm, Workspace Workspace) : Step;

/// <summary>Keeps what is still needed of a map in the memory where it is: of a window of rows that goes on, or of a map of which only a part will still be read.</summary>
/// <param name="From">What was stored.</param>
/// <param name="To">What is stored from now on, at the same offset.</param>
/// <param name="Kept">In both.</param>
public sealed record SlideStep(MapPlace From, MapPlace To, Region Kept) : Step;

/// <summary>One rank's partial sum for this rank.</summary>
/// <param name="Peer">Where it comes from; this rank itself for its own partial sum.</param>
/// <param name="Place">Where it is received; for this rank itself the whole partial map.</param>
public readonly record struct PartialSum(int Peer, MapPlace Place);

/// <summary>
/// Ends a layer that was summed over input channels: sends each owner its region of this rank's partial sums, adds those for
/// <paramref name="Region"/> in rank order, then adds the bias and applies the activation, once.
/// </summary>
public sealed record ReduceScatterStep(
    int Tag, MapPlace Partial, ImmutableArray<Message> Sends, ImmutableArray<PartialSum> Sums, MapPlace Output, Region Region, FloatPlace Biases) : Step;

/// <summary>The root finds a whole output of the network at <paramref name="Map"/>.</summary>
public sealed record OutputStep(MapPlace Map) : Step;
