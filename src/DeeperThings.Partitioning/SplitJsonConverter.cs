using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DeeperThings.Partitioning;

/// <summary>A split as the array of its bounds, on one line, so that a plan stays readable in a diff.</summary>
public sealed class SplitJsonConverter : JsonConverter<Split>
{
    public override Split Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("a split is an array of bounds");
        }

        var bounds = ImmutableArray.CreateBuilder<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            bounds.Add(reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int bound)
                ? bound
                : throw new JsonException("the bounds of a split are 32-bit integers"));
        }

        return new(bounds.ToImmutable());
    }

    public override void Write(Utf8JsonWriter writer, Split value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.ToString());
}
