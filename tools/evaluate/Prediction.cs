using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using DeeperThings.Clusters;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Planning.Simulation;

namespace DeeperThings.Evaluate;

/// <summary>Predicts runs from their kept plans and profiles.</summary>
/// <param name="tree">The repository.</param>
/// <param name="folder">Of the measurements, to which their paths are relative.</param>
internal sealed class Prediction(SourceTree tree, string folder)
{
    private readonly ConcurrentDictionary<string, Network> _networks = [];

    public double Seconds(string network, Plan plan, string profile) =>
        Simulator.Run(_networks.GetOrAdd(network, name => ModelFile.Open(tree.ModelOf(name)).Network), plan, ClusterProfile.Load(profile)).Seconds;

    /// <summary>Bytes per second that the slowest of the links sends, as the profile measured it.</summary>
    public static double LinkBytesPerSecond(string profile, int ranks) => ClusterProfile.Load(profile).ForRanks(ranks).Hosts.Min(host => host.LinkBytesPerSecond);

    /// <summary>The measurements, predicted by the present model of time on the kept profile; those whose plan or profile is gone keep their prediction.</summary>
    /// <exception cref="PlanException">A kept plan or profile is not one.</exception>
    public IReadOnlyList<Measurement> Again(IReadOnlyList<Measurement> measurements)
    {
        try
        {
            return [.. measurements.AsParallel().AsOrdered().Select(Again)];
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            throw;
        }
    }

    private Measurement Again(Measurement measured)
    {
        string plan = Path.Combine(folder, measured.Plan);
        string profile = Path.Combine(folder, measured.Profile);
        return File.Exists(plan) && File.Exists(profile) && File.Exists(tree.ModelOf(measured.Network))
            ? measured with { PredictedSeconds = Seconds(measured.Network, PlanFile.Read(plan), profile), LinkBytesPerSecond = LinkBytesPerSecond(profile, measured.Ranks) }
            : measured;
    }
}
