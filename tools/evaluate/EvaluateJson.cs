using System.Text.Json.Serialization;

namespace DeeperThings.Evaluate;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Measurement))]
internal sealed partial class EvaluateJson : JsonSerializerContext;
