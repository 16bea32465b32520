using System.Text;

namespace Cyborg.Hosting;

/// <summary><c>$name</c>, <c>${name}</c>, <c>$section.name</c>, <c>${section.name}</c> and <c>$$</c> in values, as oslo.config has them.
/// A name without a section is looked for in the value's own section first, then in <c>[DEFAULT]</c>.</summary>
internal static class Substitution
{
    /// <summary>Limit of a value after substitution: references of references may not grow without end.</summary>
    public const int MaxLength = 64 * 1024;
    private const int MaxDepth = 16;

    /// <summary>Finds the text of another option.</summary>
    /// <param name="section">Section of the option sought.</param>
    /// <param name="name">Its key.</param>
    /// <param name="text">Its text, not substituted; null if the option exists and has no value.</param>
    /// <returns>False if there is no such option.</returns>
    public delegate bool Lookup(string section, string name, out string? text);

    /// <summary>The text with all references replaced, or what is wrong.</summary>
    /// <param name="section">The value's own section.</param>
    /// <param name="text">The value.</param>
    /// <param name="isSecret">True to keep the text out of the fault.</param>
    /// <param name="lookup">Finds other options.</param>
    public static Parsed<string> Apply(string section, string text, bool isSecret, Lookup lookup)
    {
        if (!text.Contains('$'))
            return new(text, null);
        var result = new StringBuilder();
        var fault = Expand(section, text, 0, result, lookup, isSecret);
        return fault is null ? new(result.ToString(), null) : Parsed<string>.Wrong(fault);
    }

    private static string? Expand(string section, string text, int depth, StringBuilder result, Lookup lookup, bool isSecret)
    {
        if (depth > MaxDepth)
            return "refers to itself, or through too many other options; write the value itself";
        var position = 0;
        while (position < text.Length)
        {
            var c = text[position];
            if (c == '\\' && position + 1 < text.Length && text[position + 1] == '$')
            {
                result.Append('$');
                position += 2;
                continue;
            }
            var reference = c == '$' ? ReferenceAt(text, position) : default;
            if (reference.Length == 0)
                result.Append(c);
            else if (reference.Name is null)
                result.Append('$');
            else if (Insert(section, reference.Name, depth, result, lookup, isSecret) is { } fault)
                return fault;
            if (result.Length > MaxLength)
                return $"is longer than {MaxLength} characters after substitution; write it shorter";
            position += Math.Max(1, reference.Length);
        }
        return null;
    }

    private static string? Insert(string section, string reference, int depth, StringBuilder result, Lookup lookup, bool isSecret)
    {
        var dot = reference.IndexOf('.', StringComparison.Ordinal);
        var (wantedSection, name) = dot < 0 ? (section, reference) : (reference[..dot], reference[(dot + 1)..]);
        if (!lookup(wantedSection, name, out var text))
        {
            (wantedSection, name) = ("DEFAULT", reference);
            if (!lookup(wantedSection, name, out text))
            {
                // Part of a password that holds a dollar sign looks like a reference.
                var shown = isSecret ? "a name after '$'" : $"${reference}";
                return $"refers to {shown}, which no option is; write $$ for a dollar sign";
            }
        }
        return text is null ? null : Expand(wantedSection, text, depth + 1, result, lookup, isSecret);
    }

    /// <summary>The reference that begins at a dollar sign: its length in the text, and its name (null for <c>$$</c>).
    /// Length 0: the sign stands for itself.</summary>
    private static (int Length, string? Name) ReferenceAt(string text, int dollar)
    {
        var start = dollar + 1;
        if (start >= text.Length)
            return default;
        if (text[start] == '$')
            return (2, null);
        var isBraced = text[start] == '{';
        if (isBraced)
            start++;
        var end = start;
        while (end < text.Length && (IsLetter(text[end]) || (end > start && (char.IsAsciiDigit(text[end]) || text[end] == '.'))))
            end++;
        if (end == start || (isBraced && (end >= text.Length || text[end] != '}')))
            return default;
        return ((isBraced ? end + 1 : end) - dollar, text[start..end]);
    }

    private static bool IsLetter(char c) => char.IsAsciiLetter(c) || c == '_';
}
