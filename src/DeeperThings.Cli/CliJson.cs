using System.Text.Json.Serialization;
using DeeperThings.Cli.Verbs;

namespace DeeperThings.Cli;

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(ModelSummary))]
[JsonSerializable(typeof(PlanSummary))]
[JsonSerializable(typeof(PaperSummary))]
[JsonSerializable(typeof(FrontSummary))]
[JsonSerializable(typeof(SimulationSummary))]
[JsonSerializable(typeof(ReportSummary))]
[JsonSerializable(typeof(WeightsSummary))]
internal sealed partial class CliJson : JsonSerializerContext;
