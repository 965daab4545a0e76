using System.Text.Json;
using DeeperThings.Models;

namespace DeeperThings.Evaluate;

/// <summary>Measurements, one JSON object a line; measuring only appends to it, so that an interrupted campaign goes on where it stopped.</summary>
internal sealed class MeasurementFile(string path)
{
    /// <summary>In the campaign's folder.</summary>
    public const string Name = "measurements.jsonl";

    /// <returns>Of runs that were measured twice, the later one; a last line that was cut off is left out.</returns>
    /// <exception cref="InvalidDataException">A line is no measurement.</exception>
    public IReadOnlyList<Measurement> Read()
    {
        string[] lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        var found = new Dictionary<string, Measurement>();
        for (int i = 0; i < lines.Length; i++)
        {
            try
            {
                if (lines[i].Length > 0 && JsonSerializer.Deserialize(lines[i], EvaluateJson.Default.Measurement) is { } measurement)
                {
                    found[measurement.Key] = measurement;
                }
            }
            catch (JsonException) when (i == lines.Length - 1)
            {
                break;
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"{path}: line {i + 1} is no measurement: {e.Message.ReplaceLineEndings(" ")}", e);
            }
        }

        return [.. found.Values];
    }

    public void Append(Measurement measurement)
    {
        string text = File.Exists(path) && File.ReadAllText(path) is { Length: > 0 } before && !before.EndsWith('\n') ? "\n" : string.Empty;
        File.AppendAllText(path, $"{text}{LineOf(measurement)}\n");
    }

    /// <summary>Replaces all that the file holds, or nothing.</summary>
    public void Write(IEnumerable<Measurement> measurements) => AtomicFile.WriteText(path, string.Join('\n', measurements.Select(LineOf)));

    private static string LineOf(Measurement measurement) => JsonSerializer.Serialize(measurement, EvaluateJson.Default.Measurement);
}
