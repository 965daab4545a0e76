using DeeperThings.Ranks.Options;

namespace DeeperThings.Cli.Options;

/// <summary><c>inspect</c></summary>
internal sealed class InspectOptions() : ModelOptions("inspect", "Show a model's layers: shapes, windows, parameters, operations, bytes.");
