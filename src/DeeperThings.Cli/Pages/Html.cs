using System.Globalization;
using System.Net;
using System.Text;

namespace DeeperThings.Cli.Pages;

/// <summary>Text of a page; what comes from outside is escaped.</summary>
internal sealed class Html
{
    private readonly StringBuilder _text = new();

    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Markup as it is; its numbers are written as in any language.</summary>
    public Html Add(FormattableString markup)
    {
        _text.Append(markup.ToString(CultureInfo.InvariantCulture)).Append('\n');
        return this;
    }

    /// <summary>Markup as it is.</summary>
    public Html Raw(string markup)
    {
        _text.Append(markup).Append('\n');
        return this;
    }

    /// <summary>A table; columns whose header starts with a space are numbers. Cells are escaped.</summary>
    /// <param name="id">Of the table.</param>
    /// <param name="caption">What it shows.</param>
    /// <param name="headers">Of the columns; the first cell of a row is its header.</param>
    /// <param name="rows">The cells.</param>
    public Html Table(string id, string caption, IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        Raw($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{Escape(caption)}\"><table id=\"{id}\"><caption>{Escape(caption)}</caption>");
        Raw($"<thead><tr>{string.Concat(headers.Select(header => $"<th scope=\"col\"{Number(header)}>{Escape(header.Trim())}</th>"))}</tr></thead><tbody>");
        foreach (IReadOnlyList<string> row in rows)
        {
            Raw($"<tr><th scope=\"row\"{Number(headers[0])}>{Escape(row[0])}</th>{string.Concat(row.Skip(1).Select((cell, i) => $"<td{Number(headers[i + 1])}>{Escape(cell)}</td>"))}</tr>");
        }

        return Raw("</tbody></table></div>");
    }

    public override string ToString() => _text.ToString();

    private static string Number(string header) => header.StartsWith(' ') ? " class=\"n\"" : string.Empty;
}
