using System.Globalization;
using System.Text.RegularExpressions;
using DeeperThings.Tensors;

namespace DeeperThings.Vision;

/// <summary>The text at the start of a .npy file: a Python dictionary with the three keys <c>descr</c>, <c>fortran_order</c> and <c>shape</c>.</summary>
internal static partial class NpyHeader
{
    public static Shape Parse(string path, string text)
    {
        string type = Value(path, text, DescrPattern(), "descr");
        if (type is not ("'<f4'" or "\"<f4\""))
        {
            throw new InputException($"{path}: elements of type {type}; '<f4' (little-endian float32) is allowed");
        }

        string fortran = Value(path, text, OrderPattern(), "fortran_order");
        if (fortran != "False")
        {
            throw new InputException($"{path}: Fortran order; C order is allowed (numpy.ascontiguousarray)");
        }

        string shape = Value(path, text, ShapePattern(), "shape");
        string[] parts = shape.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        int[] lengths = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out lengths[i]) || lengths[i] < 1)
            {
                throw Wrong();
            }
        }

        if (lengths.Length == 4 && lengths[0] == 1)
        {
            lengths = lengths[1..];
        }

        if (lengths.Length != 3 || (Int128)lengths[0] * lengths[1] * lengths[2] > int.MaxValue)
        {
            throw Wrong();
        }

        return new(lengths[0], lengths[1], lengths[2]);

        InputException Wrong() => new($"{path}: shape ({shape}); (C, H, W) or (1, C, H, W) of at most {int.MaxValue} elements is allowed");
    }

    private static string Value(string path, string text, Regex pattern, string key)
    {
        Match match = pattern.Match(text);
        return match.Success ? match.Groups[1].Value.Trim() : throw new InputException($"{path}: the .npy header has no '{key}' that can be read");
    }

    [GeneratedRegex("""['"]descr['"]\s*:\s*('[^']*'|"[^"]*"|\[.*\])""")]
    private static partial Regex DescrPattern();

    [GeneratedRegex("""['"]fortran_order['"]\s*:\s*(\w+)""")]
    private static partial Regex OrderPattern();

    [GeneratedRegex("""['"]shape['"]\s*:\s*\(([^()]*)\)""")]
    private static partial Regex ShapePattern();
}
