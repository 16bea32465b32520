using System.Text;

namespace Cyborg.Hosting;

/// <summary>Lists in one value: items between commas, as oslo.config's ListOpt, with quotes around an item that holds a comma.</summary>
internal static class ConfigLists
{
    public static Parsed<IReadOnlyList<string>> Parse(ConfigText value)
    {
        // Quotes around a whole value come off when the file is read, as oslo.config does it. In `"a","b"` they belong to the items.
        var text = value.Quote is { } quote && value.Text.Contains(quote) ? quote + value.Text + quote : value.Text;
        var items = new List<string>();
        var rest = text.AsSpan();
        while (true)
        {
            rest = rest.TrimStart();
            var isQuoted = rest.Length > 0 && rest[0] is '"' or '\'';
            var end = isQuoted ? EndOfQuoted(rest) : IndexOrEnd(rest, ',');
            if (end < 0)
                return Parsed<IReadOnlyList<string>>.Wrong("has a quote that is not closed; close it before the next comma or the end");
            var item = rest[..end].Trim();
            if (isQuoted)
                item = item[1..^1];
            if (isQuoted || !item.IsEmpty)
                items.Add(item.ToString());
            if (end >= rest.Length)
                return new(items, null);
            rest = rest[(end + 1)..];
        }
    }

    public static string Format(IReadOnlyList<string> items)
    {
        var text = new StringBuilder();
        foreach (var item in items)
            text.Append(text.Length == 0 ? "" : ",").Append(NeedsQuotes(item) ? Quoted(item) : item);
        // Quotes around the whole value would come off when it is read; an empty item behind does not count.
        if (items is [var only] && NeedsQuotes(only))
            text.Append(',');
        return text.ToString();
    }

    private static bool NeedsQuotes(string item) =>
        item.Length == 0 || item.Contains(',') || item[0] is '"' or '\'' || char.IsWhiteSpace(item[0]) || char.IsWhiteSpace(item[^1]);

    private static string Quoted(string item) => item.Contains('"') ? $"'{item}'" : $"\"{item}\"";

    private static int IndexOrEnd(ReadOnlySpan<char> text, char sought)
    {
        var index = text.IndexOf(sought);
        return index < 0 ? text.Length : index;
    }

    /// <summary>The index of the comma (or the end) behind the closing quote; -1 if there is none.</summary>
    private static int EndOfQuoted(ReadOnlySpan<char> text)
    {
        for (var close = 1; close < text.Length; close++)
        {
            if (text[close] != text[0])
                continue;
            var after = text[(close + 1)..].TrimStart();
            if (after.IsEmpty)
                return text.Length;
            if (after[0] == ',')
                return text.Length - after.Length;
        }
        return -1;
    }
}
