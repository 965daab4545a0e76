using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace DeeperThings.Ranks;

/// <summary>Standard output: tables for people, or one JSON object.</summary>
internal static class Output
{
    private const int WidthWithoutTerminal = 250;

    /// <summary>Spectre's console, wide enough for tables where there is no terminal to measure.</summary>
    public static IAnsiConsole Out { get; } = CreateConsole();

    public static void Json<T>(T value, JsonTypeInfo<T> type) => Console.Out.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>A table with left-aligned text columns and right-aligned number columns (those whose header starts with a space).</summary>
    public static Table Table(params string[] headers)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (string header in headers)
        {
            var column = new TableColumn(new Text(header.Trim())) { NoWrap = true };
            table.AddColumn(header.StartsWith(' ') ? column.RightAligned() : column);
        }

        return table;
    }

    public static void AddRow(this Table table, IEnumerable<string> cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    public static void Line(string text = "") => Console.Out.WriteLine(text);

    private static IAnsiConsole CreateConsole()
    {
        IAnsiConsole console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthWithoutTerminal;
        }

        return console;
    }
}
