using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>Intervals as an array of [start, end] pairs, on one line, so that a plan stays readable in a diff.</summary>
public sealed class IntervalsJsonConverter : JsonConverter<Intervals>
{
    private const string Form = "overlapping tiles are an array of [start, end] pairs of 32-bit integers";

    public override Intervals Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException(Form);
        }

        var parts = ImmutableArray.CreateBuilder<Interval>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new JsonException(Form);
            }

            parts.Add(new(ReadBound(ref reader), ReadBound(ref reader)));
            if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray)
            {
                throw new JsonException(Form);
            }
        }

        return new(parts.ToImmutable());
    }

    public override void Write(Utf8JsonWriter writer, Intervals value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.ToString());

    private static int ReadBound(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int bound) ? bound : throw new JsonException(Form);
}
