using System.Globalization;

namespace DeeperThings.Models.Darknet;

/// <summary>One <c>[section]</c> of a cfg file with its options; knows where each stands, for messages.</summary>
internal sealed class CfgSection(string file, string name, int line)
{
    private readonly Dictionary<string, (string Value, int Line)> _options = [];

    public string File { get; } = file;

    /// <summary>The word between the brackets.</summary>
    public string Name { get; } = name;

    public int Line { get; } = line;

    /// <summary>The first of two equal keys wins, as in Darknet.</summary>
    public void Add(string key, string value, int line) => _options.TryAdd(key, (value, line));

    public bool Has(string key) => _options.ContainsKey(key);

    public string? Text(string key) => _options.TryGetValue(key, out var option) ? option.Value : null;

    public int Int(string key, int fallback, int min, int max) => Has(key) ? Parse(key, Text(key)!, min, max) : fallback;

    public int RequiredInt(string key, int min, int max) => Has(key)
        ? Parse(key, Text(key)!, min, max)
        : throw Error($"{key} is missing; an integer from {min} to {max} is needed");

    public bool Flag(string key) => Int(key, 0, int.MinValue, int.MaxValue) != 0;

    public float Float(string key, float fallback) => Has(key) ? ParseFloat(key, Text(key)!) : fallback;

    /// <summary>The comma-separated integers of an option; empty when it is missing.</summary>
    public int[] Ints(string key, int min, int max) =>
        Text(key) is { } text ? [.. Items(text).Select(item => Parse(key, item, min, max))] : [];

    /// <summary>The comma-separated numbers of an option; empty when it is missing.</summary>
    public float[] Floats(string key) => Text(key) is { } text ? [.. Items(text).Select(item => ParseFloat(key, item))] : [];

    /// <summary>Refuses an option that would change the result and is not supported, unless it has the value that changes nothing.</summary>
    public void Refuse(string key, float neutral)
    {
        if (Has(key) && ParseFloat(key, Text(key)!) != neutral)
        {
            throw Error(key, $"not supported; only {key}={neutral} is allowed");
        }
    }

    /// <summary>Refuses an option that would change the result and is not supported, whatever its value.</summary>
    public void Refuse(string key)
    {
        if (Has(key))
        {
            throw Error(key, "not supported; remove it");
        }
    }

    /// <summary>A message about the whole section.</summary>
    public ModelException Error(string message) => new($"{File}:{Line}: [{Name}] {message}");

    /// <summary>A message about one option: what stands there, then <paramref name="message"/>.</summary>
    public ModelException Error(string key, string message) => _options.TryGetValue(key, out var option)
        ? new($"{File}:{option.Line}: [{Name}] {key}={Shorten(option.Value)}: {message}")
        : new($"{File}:{Line}: [{Name}] {key}: {message}");

    /// <summary>Foreign text made fit for one line of a message.</summary>
    public static string Shorten(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 37), "...");

    // Darknet's lists may end in a comma.
    private static string[] Items(string text) => text.TrimEnd(',').Split(',');

    private int Parse(string key, string text, int min, int max)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) || value < min || value > max)
        {
            throw Error(key, (min, max) == (int.MinValue, int.MaxValue) ? "an integer is allowed" : $"an integer from {min} to {max} is allowed");
        }

        return value;
    }

    private float ParseFloat(string key, string text)
    {
        if (!float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) || !float.IsFinite(value))
        {
            throw Error(key, $"'{Shorten(text)}' is not a number");
        }

        return value;
    }
}
