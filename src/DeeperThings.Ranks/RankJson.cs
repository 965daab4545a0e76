using System.Text.Json.Serialization;
using DeeperThings.Execution.Profiling;
using DeeperThings.Ranks.Verbs;

namespace DeeperThings.Ranks;

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(RankReport))]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(RunSummary))]
[JsonSerializable(typeof(BenchSummary))]
[JsonSerializable(typeof(VerifySummary))]
[JsonSerializable(typeof(HostMeasurement))]
[JsonSerializable(typeof(ProfileSummary))]
internal sealed partial class RankJson : JsonSerializerContext;
