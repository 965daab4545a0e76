using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using DeeperThings.Models;

namespace DeeperThings.Vision;

/// <summary>One object found in a picture.</summary>
public sealed record Detection(string Class, int ClassIndex, float Confidence, Box Box);

/// <summary>One class that a picture may show.</summary>
public sealed record Classification(string Class, int ClassIndex, float Confidence);

/// <summary>The picture that a result is about; for a raw network input the size of that.</summary>
public sealed record ResultImage(string Path, int Width, int Height);

/// <summary>What a run writes as <c>NAME.json</c>: the detections of a detector, or the best classes of a classifier.</summary>
public sealed record Result(
    ResultImage Image,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Detection>? Detections = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Classification>? Classes = null)
{
    public string ToJson() => JsonSerializer.Serialize(this, ResultJson.Relaxed.Result);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InputException">The file is no result.</exception>
    public static Result Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ResultJson.Relaxed.Result) is { Image: not null } result ? result : throw new InputException($"{path}: no result of a run");
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}: no result of a run: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>Writes the JSON file, under a temporary name first.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(string path) => AtomicFile.Write(path, this, static (stream, result) =>
    {
        JsonSerializer.Serialize(stream, result, ResultJson.Relaxed.Result);
        stream.WriteByte((byte)'\n');
    });
}

/// <summary>Generated serialisation, camelCase. A number that is not finite, which a broken model may give, becomes a string.</summary>
[JsonSerializable(typeof(Result))]
internal sealed partial class ResultJson : JsonSerializerContext
{
    /// <summary>Paths and names stay readable: only what JSON demands is escaped.</summary>
    public static ResultJson Relaxed { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
