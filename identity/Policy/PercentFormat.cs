using System.Globalization;
using System.Numerics;

namespace Cyborg.Identity.Policy;

/// <summary>How one value is printed: what stands after <c>%(key)</c>.</summary>
/// <param name="Type"><c>s</c>, <c>r</c>, <c>d</c>; anything else prints nothing.</param>
/// <param name="Width">Least length.</param>
/// <param name="Precision">Most characters of a text, least digits of a number; -1 if not given.</param>
/// <param name="Flags">Of <c>-0+ #</c>.</param>
internal sealed record PercentFormat(char Type, int Width, int Precision, string Flags)
{
    /// <summary><c>%s</c>.</summary>
    public static readonly PercentFormat Plain = new('s', 0, -1, "");

    /// <summary>Prints nothing, whatever the value.</summary>
    public static readonly PercentFormat Impossible = new('?', 0, -1, "");

    // Nobody pads the id of a project to a page.
    private const int MaxWidth = 1000;

    /// <summary>True if the type is one that is known here.</summary>
    public bool IsKnown => Type is 's' or 'r' or 'd';

    /// <summary>Reads a format.</summary>
    /// <param name="text">The template.</param>
    /// <param name="position">Where it begins; afterwards where its last character is.</param>
    /// <returns>Null if the text ends before it does, or if it is of a kind that is not known here.</returns>
    public static PercentFormat? Read(string text, ref int position)
    {
        var i = position;
        while (i < text.Length && "-0+ #".Contains(text[i]))
            i++;
        var flags = text[position..i];
        var width = Digits(text, ref i);
        var precision = -1;
        if (i < text.Length && text[i] == '.')
        {
            i++;
            precision = Digits(text, ref i);
        }
        if (i < text.Length && text[i] is 'h' or 'l' or 'L')
            i++;
        position = i;
        if (i >= text.Length || width > MaxWidth || precision > MaxWidth)
            return null;
        return text[i] switch
        {
            's' or 'r' => new PercentFormat(text[i], width, precision, flags),
            'd' or 'i' or 'u' => new PercentFormat('d', width, precision, flags),
            _ => null,
        };
    }

    /// <summary>The value's text; null if Python has none for it.</summary>
    public string? Print(object? value) => Type switch
    {
        's' => Padded(Cut(PythonText.Str(value))),
        'r' => Padded(Cut(PythonText.Repr(value))),
        'd' => Whole(value) is { } number ? Number(number) : null,
        _ => null,
    };

    private static BigInteger? Whole(object? value) => value switch
    {
        bool flag => flag ? 1 : 0,
        long number => number,
        BigInteger number => number,
        double number when double.IsFinite(number) => new BigInteger(number),
        _ => null,
    };

    private string Number(BigInteger number)
    {
        var sign = number.Sign < 0 ? "-" : Flags.Contains('+') ? "+" : Flags.Contains(' ') ? " " : "";
        var digits = BigInteger.Abs(number).ToString(CultureInfo.InvariantCulture);
        if (Precision > digits.Length)
            digits = digits.PadLeft(Precision, '0');
        if (Flags.Contains('0') && !Flags.Contains('-'))
            digits = digits.PadLeft(Math.Max(0, Width - sign.Length), '0');
        return Padded(sign + digits);
    }

    // Lengths are in characters, not in halves of them.
    private string Cut(string text) =>
        Precision < 0 ? text : string.Concat(text.EnumerateRunes().Take(Precision).Select(rune => rune.ToString()));

    private string Padded(string text)
    {
        if (Width == 0)
            return text;
        var missing = Math.Max(0, Width - text.EnumerateRunes().Count());
        return Flags.Contains('-') ? text + new string(' ', missing) : new string(' ', missing) + text;
    }

    private static int Digits(string text, ref int position)
    {
        var number = 0;
        for (; position < text.Length && char.IsAsciiDigit(text[position]); position++)
            number = Math.Min((number * 10) + (text[position] - '0'), MaxWidth + 1);
        return number;
    }
}
