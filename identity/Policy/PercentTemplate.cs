using System.Text;

namespace Cyborg.Identity.Policy;

/// <summary>The part of Python's <c>%</c> formatting that policies use: <c>%(key)s</c> and <c>%%</c>.</summary>
internal sealed record PercentTemplate
{
    private readonly IReadOnlyList<Part> parts;

    private PercentTemplate(string text, IReadOnlyList<Part> parts) => (Text, this.parts) = (text, parts);

    /// <summary>The template as written.</summary>
    public string Text { get; }

    /// <summary>True if values of the target enter the text.</summary>
    public bool HasKeys => parts.Any(part => part.IsKey);

    /// <summary>Reads a template; null for a format that is not <c>%(key)s</c> or <c>%%</c>.</summary>
    public static PercentTemplate? Parse(string text)
    {
        var parts = new List<Part>();
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                literal.Append(text[i]);
                continue;
            }
            i++;
            if (i < text.Length && text[i] == '%')
            {
                literal.Append('%');
                continue;
            }
            var close = i < text.Length && text[i] == '(' ? ClosingParenthesis(text, i) : -1;
            if (close < 0 || close + 1 >= text.Length || text[close + 1] != 's')
                return null;
            Flush(parts, literal);
            parts.Add(new Part(text[(i + 1)..close], IsKey: true));
            i = close + 1;
        }
        Flush(parts, literal);
        return new PercentTemplate(text, parts);
    }

    /// <summary>The text with the target's values.</summary>
    /// <param name="target">The target.</param>
    /// <param name="hasNull">True if one of the values is null; it is in the text as <c>None</c>.</param>
    /// <param name="escape">Applied to each value; null for none.</param>
    /// <returns>Null if the target lacks a key.</returns>
    public string? Render(IReadOnlyDictionary<string, object?> target, out bool hasNull, Func<string, string>? escape = null)
    {
        hasNull = false;
        if (parts is [{ IsKey: false } only])
            return only.Text;
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            object? value = part.Text;
            if (part.IsKey && !target.TryGetValue(part.Text, out value))
                return null;
            hasNull |= value is null;
            var printed = PythonText.Str(value);
            text.Append(part.IsKey && escape is not null ? escape(printed) : printed);
        }
        return text.ToString();
    }

    /// <summary>Templates of the same text are the same.</summary>
    public bool Equals(PercentTemplate? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    private static void Flush(List<Part> parts, StringBuilder literal)
    {
        if (literal.Length > 0)
            parts.Add(new Part(literal.ToString(), IsKey: false));
        literal.Clear();
    }

    private static int ClosingParenthesis(string text, int open)
    {
        var depth = 0;
        for (var i = open; i < text.Length; i++)
        {
            if (text[i] == '(')
                depth++;
            else if (text[i] == ')' && --depth == 0)
                return i;
        }
        return -1;
    }

    private sealed record Part(string Text, bool IsKey);
}
