namespace DeeperThings.Cli.Tests;

/// <summary>Tests of how soon ranks end, which other tests beside them would delay.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
