using System.Collections.Immutable;
using System.Text.Json;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;

namespace DeeperThings.Clusters;

/// <summary>The devices of a cluster; rank r runs on host r.</summary>
public sealed record ClusterProfile
{
    /// <summary>What is used where no cluster is named: any number of devices as in this preset.</summary>
    public const string DefaultPreset = "six-pi3-100mbit";

    private const string ResourcePrefix = "cluster/";

    public required string Name { get; init; }

    public required ImmutableArray<HostProfile> Hosts { get; init; }

    /// <summary>Names of the profiles that come with the program.</summary>
    public static IReadOnlyList<string> Presets { get; } =
        [.. typeof(ClusterProfile).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)).Select(name => name[ResourcePrefix.Length..]).Order()];

    /// <summary><paramref name="count"/> equal devices.</summary>
    public static ClusterProfile Uniform(string name, int count, HostProfile host) =>
        new() { Name = name, Hosts = [.. Enumerable.Range(0, count).Select(rank => host with { Name = $"{host.Name}-{rank}" })] };

    /// <summary>Any number of the devices of <see cref="DefaultPreset"/>.</summary>
    public static ClusterProfile Default(int ranks)
    {
        ClusterProfile preset = Load(DefaultPreset);
        return new() { Name = preset.Name, Hosts = [.. Enumerable.Range(0, ranks).Select(rank => preset.Hosts[rank % preset.Hosts.Length])] };
    }

    /// <param name="nameOrPath">A preset's name or the path of a JSON file.</param>
    /// <exception cref="PlanException">There is no such preset or file, or it is no cluster profile.</exception>
    public static ClusterProfile Load(string nameOrPath)
    {
        ArgumentNullException.ThrowIfNull(nameOrPath);
        using Stream? preset = typeof(ClusterProfile).Assembly.GetManifestResourceStream(ResourcePrefix + nameOrPath);
        if (preset is not null)
        {
            var bytes = new MemoryStream();
            preset.CopyTo(bytes);
            return Parse(bytes.ToArray(), nameOrPath);
        }

        try
        {
            return Parse(File.ReadAllBytes(nameOrPath), nameOrPath);
        }
        catch (FileNotFoundException e)
        {
            throw new PlanException($"{nameOrPath}: neither a file nor one of the clusters {string.Join(", ", Presets)}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new PlanException($"{nameOrPath}: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <param name="json">UTF-8.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="PlanException">It is no cluster profile.</exception>
    public static ClusterProfile Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            ClusterProfile profile = JsonSerializer.Deserialize(json, ClusterJsonContext.Default.ClusterProfile) ?? throw new PlanException($"{path}: no cluster profile");
            profile.Validate(path);
            return profile;
        }
        catch (JsonException e)
        {
            throw new PlanException($"{path}: no cluster profile: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, ClusterJsonContext.Default.ClusterProfile);

    /// <summary>The profile of the first <paramref name="ranks"/> hosts.</summary>
    /// <exception cref="PlanException">There are fewer.</exception>
    public ClusterProfile ForRanks(int ranks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        return ranks <= Hosts.Length
            ? this with { Hosts = [.. Hosts.Take(ranks)] }
            : throw new PlanException($"cluster {Name} has {Hosts.Length} hosts; {ranks} ranks need {ranks}: use at most {Hosts.Length} ranks or another cluster");
    }

    /// <summary>Seconds that <paramref name="rank"/> computes; a fully-connected layer reads its weights meanwhile. With <see cref="HostProfile.Kernels"/> by those.</summary>
    /// <param name="flops">Operations, where other ones than the work's own are to be counted; not used with <see cref="HostProfile.Kernels"/>.</param>
    public double ComputeSeconds(LayerWork work, int rank, long? flops = null)
    {
        HostProfile host = Hosts[rank];
        if (work.IsEmpty)
        {
            return 0;
        }

        if (host.Kernels is { } kernels)
        {
            return kernels.Seconds(work) * work.WorkspaceCost;
        }

        double gain = work.IsWinograd ? host.WinogradGain ?? 1 : 1;
        double seconds = (flops ?? work.Flops) * work.WorkspaceCost / (gain * host.FlopsPerSecond.Of(LayerKinds.KindOf(work.Layer)));
        return work.Layer is Models.FullyConnected ? Math.Max(seconds, work.WeightCount * sizeof(float) / host.MemoryBytesPerSecond) : seconds;
    }

    /// <summary>
    /// Seconds that <paramref name="rank"/> takes for messages that it sends and receives at the same time: it waits for the last one, its link is busy, and with what it packs, unpacks and copies its memory.
    /// </summary>
    /// <param name="bytesCopied">What is packed, unpacked or copied from what the rank owns, in bytes of the float32 maps.</param>
    public double TransferSeconds(int rank, long bytesSent, long bytesReceived, int messages, long bytesCopied)
    {
        HostProfile host = Hosts[rank];
        return host.LinkSeconds(bytesSent, bytesReceived) + (messages * host.LatencySeconds) + CopySeconds(rank, bytesCopied)
            + (messages > 0 ? MeetingSeconds(rank) : 0);
    }

    /// <summary>
    /// Seconds that ranks wait for the last one on average: with N computing times from 0 to J evenly, the greatest is expected at J·N/(N+1), their mean at J/2.
    /// </summary>
    public double MeetingSeconds(int rank) => (Hosts[rank].JitterSeconds ?? 0) * (Hosts.Length - 1) / (2.0 * (Hosts.Length + 1));

    /// <summary>Seconds to pack or unpack messages of <paramref name="bytes"/> of a float32 map, however they are sent.</summary>
    public double CopySeconds(int rank, long bytes) => bytes * (Hosts[rank].CopySecondsPerByte ?? 0);

    /// <summary>Seconds to round what a rank computes of a map to the type that it is sent as.</summary>
    public double RoundingSeconds(int rank, Region region, ElementType type) => type == ElementType.Float32 ? 0 : CopySeconds(rank, region.Bytes);

    /// <summary>Overall speed of each rank for a network: operations per second over its mix of layers.</summary>
    public ImmutableArray<double> SpeedsFor(Network network)
    {
        var flops = network.Layers.Where(layer => layer.TotalFlops > 0).GroupBy(LayerKinds.KindOf).ToDictionary(group => group.Key, group => (double)group.Sum(layer => layer.TotalFlops));
        double total = flops.Values.Sum();
        return [.. Hosts.Select(host => total == 0 ? 1 : total / flops.Sum(kind => kind.Value / host.FlopsPerSecond.Of(kind.Key)))];
    }

    private void Validate(string path)
    {
        if (Hosts.IsDefaultOrEmpty)
        {
            throw new PlanException($"{path}: a cluster needs at least one host");
        }

        foreach (HostProfile host in Hosts)
        {
            if (host?.FlopsPerSecond is null || host.Name is null)
            {
                throw new PlanException($"{path}: a host has no name or no flopsPerSecond");
            }

            foreach (LayerKind kind in Enum.GetValues<LayerKind>())
            {
                Check(host, $"flopsPerSecond.{kind}", host.FlopsPerSecond.Of(kind), mayBeZero: false);
            }

            Check(host, "memoryBytes", host.MemoryBytes, mayBeZero: false);
            Check(host, "memoryBytesPerSecond", host.MemoryBytesPerSecond, mayBeZero: false);
            Check(host, "linkBytesPerSecond", host.LinkBytesPerSecond, mayBeZero: false);
            Check(host, "receiveBytesPerSecond", host.ReceiveBytesPerSecond ?? 1, mayBeZero: false);
            if (host.Duplex is { } duplex && duplex is not (>= 1 and <= 2))
            {
                throw new PlanException($"{path}: host {host.Name}: duplex is {duplex}; allowed are 1 to 2");
            }

            Check(host, "winogradGain", host.WinogradGain ?? 1, mayBeZero: false);
            Check(host, "latencySeconds", host.LatencySeconds, mayBeZero: true);
            Check(host, "jitterSeconds", host.JitterSeconds ?? 0, mayBeZero: true);
            Check(host, "copySecondsPerByte", host.CopySecondsPerByte ?? 0, mayBeZero: true);
            if (host.Kernels is { } kernels)
            {
                Check(host, "kernels.vectorFloats", kernels.VectorFloats, mayBeZero: false);
                foreach ((string kind, KernelCosts? costs) in kernels.All)
                {
                    Check(host, $"kernels.{kind}", costs?.Least ?? double.NaN, mayBeZero: true);
                }
            }
        }

        void Check(HostProfile host, string field, double value, bool mayBeZero)
        {
            if (!double.IsFinite(value) || value < 0 || (value == 0 && !mayBeZero))
            {
                throw new PlanException($"{path}: host {host.Name}: {field} is {value}; it must be {(mayBeZero ? "zero or more" : "above zero")}");
            }
        }
    }
}
