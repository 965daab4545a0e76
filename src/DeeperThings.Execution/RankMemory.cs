using DeeperThings.Partitioning;
using DeeperThings.Tensors;

namespace DeeperThings.Execution;

/// <summary>The two native allocations of a rank: its weights, and the arena of feature maps, messages and scratch.</summary>
internal sealed class RankMemory(RankProgram program) : IDisposable
{
    private readonly Arena _weights = new(program.WeightsBytes);
    private readonly Arena _arena = new(program.ArenaBytes);

    /// <summary>What was really allocated, for comparison with the plan.</summary>
    public long AllocatedBytes => _weights.Bytes + _arena.Bytes;

    public NativeBuffer Weights(FloatPlace place) => _weights.Buffer(place.Offset, place.Count);

    public NativeBuffer Floats(FloatPlace place) => _arena.Buffer(place.Offset, place.Count);

    public FeatureMap Map(MapPlace place) => _arena.FeatureMap(place.Offset, place.Region);

    public void Dispose()
    {
        _weights.Dispose();
        _arena.Dispose();
    }
}
