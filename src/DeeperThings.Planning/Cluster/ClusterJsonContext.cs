using System.Text.Json.Serialization;

namespace DeeperThings.Planning.Cluster;

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ClusterProfile))]
internal sealed partial class ClusterJsonContext : JsonSerializerContext;
