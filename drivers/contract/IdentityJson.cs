using System.Globalization;
using System.Text;

namespace Cyborg.Drivers;

/// <summary>JSON text as Python's <c>json.dumps(..., sort_keys=True)</c> writes it: separators <c>", "</c> and <c>": "</c>, keys in ordinal order,
/// ASCII only. Such texts are identity keys that Cyborg and Nova compare byte for byte, so nothing here may depend on a serializer's version.</summary>
public static class IdentityJson
{
    /// <summary>A flat object of texts, sorted by key.</summary>
    /// <exception cref="ArgumentException">A key occurs twice.</exception>
    public static string Write(params IEnumerable<(string Key, string Value)> members) =>
        Write(members.Select(member => (member.Key, (object)member.Value)));

    /// <summary>A flat object of texts and whole numbers, sorted by key.</summary>
    /// <exception cref="ArgumentException">A key occurs twice, or a value is neither text nor <see cref="int"/>.</exception>
    public static string Write(IEnumerable<(string Key, object Value)> members)
    {
        var text = new StringBuilder("{");
        string? previous = null;
        foreach (var (key, value) in members.OrderBy(member => member.Key, StringComparer.Ordinal))
        {
            if (key == previous)
                throw new ArgumentException($"The key '{key}' occurs twice.", nameof(members));
            if (previous is not null)
                text.Append(", ");
            AppendText(text, key);
            text.Append(": ");
            AppendValue(text, value);
            previous = key;
        }
        return text.Append('}').ToString();
    }

    private static void AppendValue(StringBuilder text, object value)
    {
        if (value is string word)
            AppendText(text, word);
        else if (value is int number)
            text.Append(number.ToString(CultureInfo.InvariantCulture));
        else
            throw new ArgumentException($"A value of type {value.GetType().Name} has no agreed spelling.", nameof(value));
    }

    private static void AppendText(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' or > '~' and not '\x7f' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }
        text.Append('"');
    }
}
