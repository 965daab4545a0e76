namespace DeeperThings.Vision;

/// <summary>An image, tensor, names or label file that cannot be used. The message is one line: path, what was found, what is allowed.</summary>
public sealed class InputException : Exception
{
    public InputException(string message)
        : base(message)
    {
    }

    public InputException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public InputException()
    {
    }

    /// <summary>Whether <paramref name="exception"/> says that the file system refused.</summary>
    internal static bool IsFileError(Exception exception) => exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;
}
