using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DeeperThings.Models;

namespace DeeperThings.Partitioning;

/// <summary>Plans as JSON files.</summary>
public static class PlanFile
{
    public static string ToJson(Plan plan) => JsonSerializer.Serialize(plan, PlanJsonContext.Default.Plan);

    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(Plan plan, string path) => AtomicFile.WriteText(path, ToJson(plan));

    /// <exception cref="PlanException">The file cannot be read, is no plan, or is of another version.</exception>
    public static Plan Read(string path)
    {
        try
        {
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (IOException e)
        {
            throw new PlanException($"{path}: {e.Message}", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new PlanException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Reads a plan from the bytes of its file.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="PlanException">It is no plan, or of another version.</exception>
    public static Plan Parse(ReadOnlySpan<byte> json, string path)
    {
        try
        {
            // The version comes first: a plan of another version may have any other form.
            JsonNode? root = JsonNode.Parse(json);
            int? version = root is JsonObject fields && fields["version"] is JsonValue value && value.TryGetValue(out int number) ? number : null;
            if (version is null)
            {
                throw new PlanException($"{path}: no plan: it has no version number");
            }

            if (version != Plan.CurrentVersion)
            {
                throw new PlanException($"{path}: plan of version {version}; this program reads version {Plan.CurrentVersion}: make the plan again");
            }

            return JsonSerializer.Deserialize(json, PlanJsonContext.Default.Plan) ?? throw new PlanException($"{path}: no plan");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new PlanException($"{path}: no plan: {OneLine(e.Message)}", e);
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
