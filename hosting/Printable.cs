using System.Globalization;
using System.Text;

namespace Cyborg.Hosting;

/// <summary>Text of others in our lines: control characters are shown, never sent to a terminal or a log as they are.</summary>
public static class Printable
{
    /// <summary>The text with each control character, line separator and lone surrogate as an escape (<c>\n</c>, <c>\u001b</c>).</summary>
    /// <param name="text">Any text.</param>
    public static string Escape(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (MustEscape(text, i))
                return EscapeFrom(text, i);
        }
        return text;
    }

    /// <summary>As <see cref="Escape(string)"/>, cut to a length.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="maxLength">Most characters of the text that are shown.</param>
    public static string Escape(string text, int maxLength) =>
        text.Length <= maxLength ? Escape(text) : Escape(text[..maxLength]) + "...";

    private static bool MustEscape(string text, int index)
    {
        var c = text[index];
        if (c is >= ' ' and < '\u007f')
            return false;
        if (char.IsHighSurrogate(c))
            return index + 1 >= text.Length || !char.IsLowSurrogate(text[index + 1]);
        if (char.IsLowSurrogate(c))
            return index == 0 || !char.IsHighSurrogate(text[index - 1]);
        // Format covers the marks that reverse the direction of text on a terminal.
        return char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Format;
    }

    private static string EscapeFrom(string text, int start)
    {
        var escaped = new StringBuilder(text, 0, start, text.Length + 16);
        for (var i = start; i < text.Length; i++)
        {
            if (!MustEscape(text, i))
                escaped.Append(text[i]);
            else
                escaped.Append(text[i] switch
                {
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    var c => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
                });
        }
        return escaped.ToString();
    }
}
