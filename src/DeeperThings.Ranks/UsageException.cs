namespace DeeperThings.Ranks;

/// <summary>Arguments that are not allowed; one line that says what was found and what is.</summary>
internal sealed class UsageException(string message) : Exception(message);
