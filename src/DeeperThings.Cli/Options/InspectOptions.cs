using CommandLine;

namespace DeeperThings.Cli.Options;

[Verb("inspect", HelpText = "Show a model's layers: shapes, windows, parameters, operations, bytes.")]
internal sealed class InspectOptions : ModelOptions;
