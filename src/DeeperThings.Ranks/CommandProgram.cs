using System.CommandLine;

namespace DeeperThings.Ranks;

/// <summary>A command with verbs: parses, runs one, turns what goes wrong into one line and an exit code.</summary>
internal static class CommandProgram
{
    private static readonly ParserConfiguration s_parser = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    private static readonly InvocationConfiguration s_invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };

    /// <param name="name">As users type it.</param>
    /// <param name="description">For the help.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="exitCode">The exit code for an exception.</param>
    /// <param name="verbs">What it can do.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string name, string description, string[] arguments, Func<Exception, int> exitCode, params IEnumerable<Command> verbs)
    {
        var root = new RootCommand(description);
        foreach (Command verb in verbs)
        {
            root.Subcommands.Add(verb);
        }

        if (arguments.Length == 0)
        {
            root.Parse("--help", s_parser).Invoke(new() { Output = Console.Error });
            return ExitCode.CallersFault;
        }

        ParseResult parsed = root.Parse(arguments, s_parser);
        if (parsed.Errors.Count > 0)
        {
            string help = parsed.CommandResult.Command == root ? string.Empty : $"{parsed.CommandResult.Command.Name} ";
            Console.Error.WriteLine($"{name}: {string.Join(' ', parsed.Errors.Select(error => error.Message)).ReplaceLineEndings(" ")} See {name} {help}--help.");
            return ExitCode.CallersFault;
        }

        try
        {
            return parsed.Invoke(s_invocation);
        }
#pragma warning disable CA1031 // The last handler of the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            int code = exitCode(exception);
            Console.Error.WriteLine(code == ExitCode.Bug ? exception.ToString() : $"{name}: {exception.Message.ReplaceLineEndings(" ")}");
            return code;
        }
    }
}
