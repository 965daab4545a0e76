using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace DeeperThings.Ranks.Options;

/// <summary>The options of one verb: each is declared once, in the constructor, with what it sets.</summary>
internal abstract class VerbOptions(string verb, string help)
{
    private readonly Command _command = new(verb, help);
    private readonly List<Action<ParseResult>> _setters = [];

    /// <summary>The verb as the command line knows it; <paramref name="run"/> returns the exit code.</summary>
    public static Command Verb<TOptions>(TOptions options, Func<TOptions, int> run)
        where TOptions : VerbOptions
    {
        options._command.SetAction(parsed =>
        {
            options._setters.ForEach(set => set(parsed));
            return run(options);
        });
        return options._command;
    }

    /// <summary>The value at the next position.</summary>
    protected void Argument(string name, string help, Action<string> set)
    {
        var argument = new Argument<string>(name) { Description = help };
        _command.Arguments.Add(argument);
        _setters.Add(parsed => set(parsed.GetRequiredValue(argument)));
    }

    protected void Flag(string name, string help, Action<bool> set)
    {
        var option = new Option<bool>(name) { Description = help, Arity = ArgumentArity.Zero };
        _command.Options.Add(option);
        _setters.Add(parsed => set(parsed.GetValue(option)));
    }

    /// <summary>An option that is not set where it is not given.</summary>
    protected void Option<T>(string name, string meta, string help, Action<T> set)
        where T : IParsable<T>
    {
        Option<T> option = Add<T>(name, meta, help);
        _setters.Add(parsed =>
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                set(parsed.GetRequiredValue(option));
            }
        });
    }

    protected void Option<T>(string name, string meta, string help, T initial, Action<T> set, params string[] aliases)
        where T : IParsable<T>
    {
        Option<T> option = Add<T>(name, meta, help, aliases);
        option.DefaultValueFactory = _ => initial;
        _setters.Add(parsed => set(parsed.GetRequiredValue(option)));
    }

    protected void Required<T>(string name, string meta, string help, Action<T> set, params string[] aliases)
        where T : IParsable<T>
    {
        Option<T> option = Add<T>(name, meta, help, aliases);
        option.Required = true;
        _setters.Add(parsed => set(parsed.GetRequiredValue(option)));
    }

    protected void RequiredList(string name, string meta, string help, Action<IReadOnlyList<string>> set)
    {
        var option = new Option<string[]>(name) { HelpName = meta, Description = help, Required = true, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true };
        _command.Options.Add(option);
        _setters.Add(parsed => set(parsed.GetRequiredValue(option)));
    }

    /// <exception cref="UsageException">A number of ranks or threads is not allowed.</exception>
    protected static void RequireDefaultOrCount(string name, int value)
    {
        if (value is < 0 or > 1024)
        {
            throw new UsageException($"{name} {value}: allowed are 1 to 1024, or 0 for the default");
        }
    }

    /// <exception cref="UsageException">A time is not allowed.</exception>
    protected static void RequireSeconds(string name, double value)
    {
        if (value is not (> 0 and <= 1e6))
        {
            throw new UsageException($"{name} {value}: allowed are more than 0 and at most 1000000 seconds");
        }
    }

    private Option<T> Add<T>(string name, string meta, string help, params string[] aliases)
        where T : IParsable<T>
    {
        var option = new Option<T>(name, aliases) { HelpName = meta, Description = help, CustomParser = Parse<T> };
        _command.Options.Add(option);
        return option;
    }

    private static T? Parse<T>(ArgumentResult result)
        where T : IParsable<T>
    {
        string text = result.Tokens[0].Value;
        if (!T.TryParse(text, CultureInfo.InvariantCulture, out T? value))
        {
            result.AddError($"{((OptionResult)result.Parent!).IdentifierToken?.Value} {text}: allowed are {(typeof(T) == typeof(int) ? "whole numbers" : "numbers")}.");
        }

        return value;
    }
}
