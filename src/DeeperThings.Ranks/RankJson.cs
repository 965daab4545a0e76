using System.Text.Json.Serialization;
using DeeperThings.Ranks.Verbs;

namespace DeeperThings.Ranks;

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(RankReport))]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(RunSummary))]
[JsonSerializable(typeof(TraceEvent[]))]
[JsonSerializable(typeof(TraceDocument))]
[JsonSerializable(typeof(BenchSummary))]
[JsonSerializable(typeof(VerifySummary))]
internal sealed partial class RankJson : JsonSerializerContext;
