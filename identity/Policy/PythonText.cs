using System.Collections;
using System.Globalization;

namespace Cyborg.Identity.Policy;

/// <summary>Values as Python's <c>str()</c> prints them: oslo.policy compares printed values, so <c>is_admin:True</c> has a capital
/// T.</summary>
internal static class PythonText
{
    /// <summary>The text of a string, boolean, number, null, or a list or map of these.</summary>
    public static string Str(object? value) => value is string text ? text : Repr(value);

    /// <summary>The text of a literal of Python (<c>'x'</c>, <c>5</c>, <c>1.5</c>, <c>True</c>, <c>None</c>); null if it is none of
    /// these.</summary>
    public static string? OfLiteral(string literal)
    {
        if (literal is "True" or "False" or "None")
            return literal;
        if (literal.Length >= 2 && literal[0] is '\'' or '"' && literal[0] == literal[^1])
        {
            var inner = literal[1..^1];
            return inner.Contains(literal[0]) || inner.Contains('\\') ? null : inner;
        }
        return OfNumber(literal);
    }

    private static string? OfNumber(string literal)
    {
        var digits = literal.StartsWith('-') ? literal[1..] : literal;
        if (digits.Length is 0 or > 15 || !char.IsAsciiDigit(digits[0]))
            return null;
        if (digits.All(char.IsAsciiDigit))
            // Python refuses 007, and prints -0 as 0.
            return digits.Length > 1 && digits[0] == '0' ? null : digits == "0" ? "0" : literal;
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        return digits.Count(c => c == '.') == 1 && digits.All(c => c == '.' || char.IsAsciiDigit(c))
            && double.TryParse(literal, style, CultureInfo.InvariantCulture, out var number)
            ? Repr(number)
            : null;
    }

    private static string Repr(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        string text => Quoted(text),
        double number => OfDouble(number),
        IReadOnlyDictionary<string, object?> map =>
            $"{{{string.Join(", ", map.Select(pair => $"{Quoted(pair.Key)}: {Repr(pair.Value)}"))}}}",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Repr))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string OfDouble(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        return double.IsFinite(number) && text.All(c => char.IsAsciiDigit(c) || c == '-') ? text + ".0" : text;
    }

    private static string Quoted(string text)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quote + (quote == '\'' ? escaped.Replace("'", "\\'", StringComparison.Ordinal) : escaped) + quote;
    }
}
