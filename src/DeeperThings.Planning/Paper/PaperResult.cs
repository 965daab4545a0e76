using System.Collections.Immutable;

namespace DeeperThings.Planning.Paper;

/// <summary>The least communication from <paramref name="FirstLayer"/> on.</summary>
/// <param name="LayerOutputOnlyBytes">Volume when every convolution is LayerOutput.</param>
/// <param name="OptimalBytes">The least volume.</param>
/// <param name="Layers">Strategy of each layer of the network; layers before the first one are <see cref="PaperStrategy.Tiled"/>.</param>
public sealed record PaperCommunication(int FirstLayer, long LayerOutputOnlyBytes, long OptimalBytes, ImmutableArray<PaperStrategy> Layers);

/// <summary>What the paper's two programs say about a network.</summary>
/// <param name="BreakLayer">The first weight-partitioned layer; the number of layers where all are tiled.</param>
/// <param name="FootprintBytes">The least footprint.</param>
public sealed record PaperResult(int Ranks, int BreakLayer, long FootprintBytes, PaperCommunication Communication);
