using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Cyborg.Identity.Policy;

/// <summary>Values as Python's <c>str()</c> and <c>repr()</c> print them: oslo.policy compares printed values, so <c>is_admin:True</c>
/// has a capital T.</summary>
internal static class PythonText
{
    /// <summary>The text of a string, boolean, number, null, or a list or map of these.</summary>
    public static string Str(object? value) => value is string text ? text : Repr(value);

    /// <summary>The same with texts in quotes.</summary>
    public static string Repr(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        string text => Quoted(text),
        double number => OfDouble(number),
        IReadOnlyDictionary<string, object?> map =>
            $"{{{string.Join(", ", map.Select(pair => $"{Quoted(pair.Key)}: {Repr(pair.Value)}"))}}}",
        PythonTuple tuple => tuple.Items.Count == 1 ? $"({Repr(tuple.Items[0])},)" : $"({string.Join(", ", tuple.Items.Select(Repr))})",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Repr))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>What counts as true where Python asks for a truth value.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool flag => flag,
        string text => text.Length > 0,
        long number => number != 0,
        BigInteger number => !number.IsZero,
        double number => number != 0,
        IEnumerable items => items.Cast<object?>().Any(),
        _ => true,
    };

    /// <summary>Python's <c>lower()</c>: as .NET's, but for the two letters whose lower case depends on more than themselves.</summary>
    public static string Lower(string text)
    {
        const char dottedI = '\u0130', sigma = '\u03a3';
        if (!text.AsSpan().ContainsAny(dottedI, sigma))
            return text.ToLowerInvariant();
        var lowered = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            lowered.Append(text[i] switch
            {
                dottedI => "i\u0307",
                sigma when i > 0 && char.IsLetter(text[i - 1]) && !(i + 1 < text.Length && char.IsLetter(text[i + 1])) => "\u03c2",
                sigma => "\u03c3",
                var other => other.ToString(),
            });
        }
        return lowered.ToString().ToLowerInvariant();
    }

    /// <summary>The shortest digits that read as the same number, in Python's notation: with an exponent from 1e16 on and below
    /// 1e-4.</summary>
    private static string OfDouble(double number)
    {
        if (!double.IsFinite(number))
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        var sign = double.IsNegative(number) ? "-" : "";
        var (digits, exponent) = Scientific(Math.Abs(number));
        if (exponent is < -4 or >= 16)
        {
            var mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
            return $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        var padded = digits.PadRight(exponent + 2, '0');
        return $"{sign}{padded[..(exponent + 1)]}.{padded[(exponent + 1)..]}";
    }

    /// <summary>The digits that count, and the power of ten of the first of them.</summary>
    private static (string Digits, int Exponent) Scientific(double number)
    {
        var printed = number.ToString("R", CultureInfo.InvariantCulture).Split('E');
        var point = printed[0].IndexOf('.', StringComparison.Ordinal);
        var before = point < 0 ? printed[0].Length : point;
        var all = printed[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        if (digits.Length == 0)
            return ("0", 0);
        var exponent = before - 1 - (all.Length - digits.Length);
        return (digits.TrimEnd('0'), printed.Length > 1 ? exponent + int.Parse(printed[1], CultureInfo.InvariantCulture) : exponent);
    }

    private static string Quoted(string text)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        var quoted = new StringBuilder().Append(quote);
        for (var i = 0; i < text.Length; i++)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune))
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
                continue;
            }
            i += rune.Utf16SequenceLength - 1;
            quoted.Append(Escaped(rune, quote));
        }
        return quoted.Append(quote).ToString();
    }

    private static string Escaped(Rune rune, char quote) => rune.Value switch
    {
        '\\' => @"\\",
        '\n' => @"\n",
        '\r' => @"\r",
        '\t' => @"\t",
        var value when value == quote => "\\" + quote,
        ' ' => " ",
        var value when IsPrintable(rune) => char.ConvertFromUtf32(value),
        < 0x100 and var value => $"\\x{value:x2}",
        < 0x10000 and var value => $"\\u{value:x4}",
        var value => $"\\U{value:x8}",
    };

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);
}

/// <summary>A tuple of Python, which prints otherwise than a list.</summary>
internal sealed record PythonTuple(IReadOnlyList<object?> Items);
