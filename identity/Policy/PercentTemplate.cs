using System.Text;

namespace Cyborg.Identity.Policy;

/// <summary>What came of a template.</summary>
internal enum TemplateOutcome
{
    /// <summary>A text.</summary>
    Text,
    /// <summary>The target lacks a key.</summary>
    Missing,
    /// <summary>Python raises here: a format that does not fit its value, or that is none.</summary>
    Unprintable,
}

/// <summary>A template with the values of a target.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Text">The text; empty if there is none.</param>
/// <param name="HasNull">True if one of the values is null; it is in the text as <c>None</c>.</param>
internal readonly record struct RenderedTemplate(TemplateOutcome Outcome, string Text, bool HasNull);

/// <summary>Python's <c>%</c> formatting with a map on its right, as far as policies use it: <c>%(key)s</c> and <c>%%</c>, also with
/// <c>r</c> and <c>d</c>, a width and a precision. What is wrong with a template counts when its evaluation gets there, as in
/// Python.</summary>
internal sealed record PercentTemplate
{
    private readonly IReadOnlyList<Part> _parts;

    private PercentTemplate(string text, IReadOnlyList<Part> parts) => (Text, _parts) = (text, parts);

    private enum PartKind { Literal, Key, Whole, Unprintable }

    /// <summary>The template as written.</summary>
    public string Text { get; }

    /// <summary>True if values of the target enter the text.</summary>
    public bool HasKeys => _parts.Any(part => part.Kind is PartKind.Key or PartKind.Whole);

    /// <summary>True if it can never be printed as a whole.</summary>
    public bool IsBroken => _parts.Any(part => part.Kind != PartKind.Literal && !part.Format.IsKnown);

    /// <summary>Reads a template.</summary>
    public static PercentTemplate Parse(string text)
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
            if (i + 1 < text.Length && text[i + 1] == '%')
            {
                literal.Append('%');
                i++;
                continue;
            }
            Flush(parts, literal);
            var format = ReadFormat(text, ref i, isFirst: parts.All(part => part.Kind == PartKind.Literal));
            parts.Add(format);
            if (format.Kind == PartKind.Unprintable)
                break;
        }
        Flush(parts, literal);
        return new PercentTemplate(text, parts);
    }

    /// <summary>The text with the target's values.</summary>
    /// <param name="target">The target.</param>
    /// <param name="escape">Applied to each value; null for none.</param>
    public RenderedTemplate Render(IReadOnlyDictionary<string, object?> target, Func<string, string>? escape = null)
    {
        if (_parts.Count == 0)
            return new(TemplateOutcome.Text, "", false);
        if (_parts is [{ Kind: PartKind.Literal } only])
            return new(TemplateOutcome.Text, only.Text, false);
        var hasNull = false;
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            object? value = target;
            switch (part.Kind)
            {
                case PartKind.Literal:
                    text.Append(part.Text);
                    continue;
                case PartKind.Unprintable:
                    return new(TemplateOutcome.Unprintable, "", hasNull);
                case PartKind.Key when !target.TryGetValue(part.Text, out value):
                    return new(TemplateOutcome.Missing, "", hasNull);
            }
            hasNull |= value is null;
            if (part.Format.Print(value) is not { } printed)
                return new(TemplateOutcome.Unprintable, "", hasNull);
            text.Append(escape is null ? printed : escape(printed));
        }
        return new(TemplateOutcome.Text, text.ToString(), hasNull);
    }

    /// <summary>Templates of the same text are the same.</summary>
    public bool Equals(PercentTemplate? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <summary>Reads a format from its percent sign on, and leaves the position at its last character.</summary>
    private static Part ReadFormat(string text, ref int position, bool isFirst)
    {
        var i = position + 1;
        string? key = null;
        if (i < text.Length && text[i] == '(')
        {
            var close = ClosingParenthesis(text, i);
            if (close < 0)
                return Part.Broken;
            key = text[(i + 1)..close];
            i = close + 1;
        }
        var format = PercentFormat.Read(text, ref i);
        position = i;
        // Without a key the whole map is the value, once; after that Python has no more values.
        return key is not null ? new Part(PartKind.Key, key, format ?? PercentFormat.Impossible)
            : format is not null && isFirst ? new Part(PartKind.Whole, "", format)
            : Part.Broken;
    }

    private static void Flush(List<Part> parts, StringBuilder literal)
    {
        if (literal.Length > 0)
            parts.Add(new Part(PartKind.Literal, literal.ToString(), PercentFormat.Plain));
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

    private sealed record Part(PartKind Kind, string Text, PercentFormat Format)
    {
        public static readonly Part Broken = new(PartKind.Unprintable, "", PercentFormat.Impossible);
    }
}
