namespace DeeperThings.Models;

/// <summary>A model or weights file that cannot be used. The message is one line: file, line or layer, what was found, what is allowed.</summary>
public sealed class ModelException : Exception
{
    public ModelException(string message)
        : base(message)
    {
    }

    public ModelException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public ModelException()
    {
    }
}
