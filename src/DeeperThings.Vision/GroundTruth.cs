using System.Collections.Immutable;
using System.Globalization;

namespace DeeperThings.Vision;

/// <summary>One object that a picture really shows.</summary>
public sealed record GroundTruth(int ClassIndex, Box Box)
{
    /// <summary>Reads a Darknet label file: a line <c>class cx cy w h</c> for each object, relative to the picture.</summary>
    /// <exception cref="InputException">The file cannot be read or a line is not of that form.</exception>
    public static ImmutableArray<GroundTruth> Read(string path, int width, int height)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception exception) when (InputException.IsFileError(exception))
        {
            throw new InputException($"{path}: cannot be read: {exception.Message}", exception);
        }

        Span<float> numbers = stackalloc float[4];
        var objects = ImmutableArray.CreateBuilder<GroundTruth>();
        for (int i = 0; i < lines.Length; i++)
        {
            string[] words = lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
            {
                continue;
            }

            bool isValid = int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int classIndex) && words.Length == 5;
            for (int j = 0; j < 4 && isValid; j++)
            {
                isValid = float.TryParse(words[j + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[j]) && float.IsFinite(numbers[j]);
            }

            if (!isValid)
            {
                throw new InputException($"{path}:{i + 1}: found '{lines[i].Trim()}'; 'class cx cy w h' is allowed");
            }

            objects.Add(new(classIndex, new CentredBox(numbers[0] * width, numbers[1] * height, numbers[2] * width, numbers[3] * height).ToBox()));
        }

        return objects.DrainToImmutable();
    }
}
