using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Clusters;
using DeeperThings.Planning.Layout;
using DeeperThings.TestSupport;

namespace DeeperThings.Planning.Tests;

public sealed class AlgorithmLaws
{
    private const int Ranks = 3;

    [Fact]
    public void Winograd_is_planned_where_the_devices_gain_by_it_and_runs_as_planned()
    {
        int planned = 0;
        for (int seed = 0; seed < 12; seed++)
        {
            Network network = RandomNetwork.Create(seed, 8);
            LayoutResult direct = Solve(network, null);
            LayoutResult gaining = Solve(network, 3);
            Assert.All(direct.Plan.Layers, layer => Assert.Equal(ConvolutionAlgorithm.Direct, layer.Algorithm));
            Assert.True(gaining.Seconds <= direct.Seconds * (1 + 1e-9));
            planned += gaining.Plan.Layers.Count(layer => layer.Algorithm == ConvolutionAlgorithm.Winograd);
            Execution.Check(network, gaining.Plan, seed);
        }

        Assert.True(planned > 5, $"{planned} layers");
    }

    private static LayoutResult Solve(Network network, double? gain)
    {
        ClusterProfile cluster = ClusterProfile.Default(Ranks);
        return LayoutFormulation.Solve(new()
        {
            Network = network,
            Cluster = cluster with { Hosts = [.. cluster.Hosts.Select(host => host with { WinogradGain = gain, LinkBytesPerSecond = 1e10, LatencySeconds = 0 })] },
        });
    }
}
