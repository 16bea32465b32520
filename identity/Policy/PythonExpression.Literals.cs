using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Cyborg.Identity.Policy;

// How numbers and texts are written.
internal sealed partial class PythonExpression
{
    private object OfNumber(string written)
    {
        _position += written.Length;
        if (_position < _text.Length && (IsNamePart(_position) || _text[_position] == '.'))
            throw new FormatException();
        var digits = written.Replace("_", "", StringComparison.Ordinal);
        if (digits.Length > 2 && char.IsAsciiLetter(digits[1]) && digits[0] == '0' && char.ToLowerInvariant(digits[1]) != 'e')
            return OfBase(digits[2..], char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, _ => 2 });
        if (digits.AsSpan().ContainsAny(".eE"))
            return double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        // Python refuses 007, and longer numbers than these.
        if ((digits[0] == '0' && digits.Any(c => c != '0')) || digits.Length > 4300)
            throw new FormatException();
        return BigInteger.Parse(digits, CultureInfo.InvariantCulture);
    }

    private static BigInteger OfBase(string digits, int numberBase) =>
        digits.Aggregate(BigInteger.Zero, (sum, digit) => (sum * numberBase) + Convert.ToInt32(digit.ToString(), 16));

    /// <summary>Texts that follow one another are one.</summary>
    private string Texts()
    {
        var whole = new StringBuilder();
        do
        {
            var quote = _text[_position++];
            while (_position < _text.Length && _text[_position] != quote)
                whole.Append(_text[_position] == '\\' ? Escape() : _text[_position++].ToString());
            if (_position++ >= _text.Length)
                throw new FormatException();
            Skip();
        }
        while (IsQuote(_position));
        return whole.ToString();
    }

    private string Escape()
    {
        _position++;
        if (_position >= _text.Length)
            throw new FormatException();
        var c = _text[_position++];
        return c switch
        {
            '\\' or '\'' or '"' => c.ToString(),
            'n' => "\n",
            't' => "\t",
            'r' => "\r",
            // Rare ones are not known; what is no escape in Python stays as it is.
            'a' or 'b' or 'f' or 'v' or 'x' or 'u' or 'U' or 'N' or '\n' or (>= '0' and <= '7') => throw new FormatException(),
            _ => "\\" + c,
        };
    }

    [GeneratedRegex(
        @"\G(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|"
        + @"(?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*(?:[eE][+-]?[0-9](?:_?[0-9])*)?|"
        + @"[0-9](?:_?[0-9])*\.?(?:[eE][+-]?[0-9](?:_?[0-9])*)?)",
        RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
