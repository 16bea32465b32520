using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Cyborg.ApiRef;

/// <summary>Writes HTML.</summary>
internal sealed partial class Html
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds markup as it stands.</summary>
    public Html Raw(string markup)
    {
        _text.Append(markup);
        return this;
    }

    /// <summary>Adds an element with plain text in it.</summary>
    public Html Element(string name, string text, string? attributes = null) =>
        Raw(attributes is null ? $"<{name}>" : $"<{name} {attributes}>").Raw(Escape(text)).Raw($"</{name}>");

    /// <summary>Adds a row of a table; each cell is markup.</summary>
    public Html Row(params IReadOnlyList<string> cells) => Raw("<tr>").Raw(string.Concat(cells.Select(cell => $"<td>{cell}</td>"))).Raw("</tr>\n");

    /// <summary>Adds a table; nothing if it has no rows.</summary>
    public Html Table(string header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (rows.Count == 0)
            return this;
        Raw("<table><thead><tr>").Raw(string.Concat(header.Split('|').Select(cell => $"<th>{Escape(cell)}</th>"))).Raw("</tr></thead><tbody>\n");
        foreach (var row in rows)
            Row(row);
        return Raw("</tbody></table>\n");
    }

    /// <summary>Adds paragraphs of prose, parted by empty lines.</summary>
    public Html Prose(string text)
    {
        foreach (var paragraph in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            Raw("<p>").Raw(Inline(paragraph)).Raw("</p>\n");
        return this;
    }

    /// <summary>A sentence as markup: <c>`code`</c> and <c>**strong**</c> count, the rest is text.</summary>
    public static string Inline(string text) => Strong().Replace(Code().Replace(Escape(text), "<code>$1</code>"), "<strong>$1</strong>");

    /// <summary>Text as markup.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A word as the address of a part of the page.</summary>
    public static string Anchor(string text) => text.ToLowerInvariant().Replace(' ', '-');

    public override string ToString() => _text.ToString();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\*\*([^*]+)\*\*")]
    private static partial Regex Strong();
}
