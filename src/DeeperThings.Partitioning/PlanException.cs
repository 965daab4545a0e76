namespace DeeperThings.Partitioning;

/// <summary>A plan that cannot be used. The message is one line: where, what was found, what is allowed.</summary>
public sealed class PlanException : Exception
{
    public PlanException(string message)
        : base(message)
    {
    }

    public PlanException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public PlanException()
    {
    }
}
