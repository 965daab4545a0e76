using System.Text.Json.Serialization;

namespace DeeperThings.Clusters;

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ClusterProfile))]
internal sealed partial class ClusterJsonContext : JsonSerializerContext;
