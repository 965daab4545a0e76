namespace DeeperThings.Vision;

/// <summary>Names of the classes, by their index.</summary>
public sealed class ClassNames(IEnumerable<string> names)
{
    private readonly string[] _names = [.. names];

    /// <summary>No names at all.</summary>
    public static ClassNames None { get; } = new([]);

    /// <summary>The name of a class; <c>class 17</c> where there is none.</summary>
    public string this[int index] => index < _names.Length && _names[index].Length > 0 ? _names[index] : $"class {index}";
}
