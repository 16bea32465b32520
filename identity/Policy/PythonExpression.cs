using System.Globalization;
using System.Numerics;

namespace Cyborg.Identity.Policy;

/// <summary>What a text is to Python.</summary>
internal enum PythonForm
{
    /// <summary>No expression: oslo.policy raises when it comes to it.</summary>
    Unreadable,
    /// <summary>An expression with names in it, or with operators.</summary>
    Expression,
    /// <summary>A literal.</summary>
    Literal,
}

/// <summary>Reads the left side of a check as oslo.policy does with <c>ast.literal_eval</c>: a literal is a constant, any other expression a
/// path into the credentials. Complex numbers, bytes, sets, maps and conditional expressions are not known here and count as unreadable.</summary>
internal sealed partial class PythonExpression
{
    private const int MaxDepth = 50;

    // Stands for the value of what is no literal.
    private static readonly object NotLiteral = new();

    private static readonly HashSet<string> Keywords =
    [
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for",
        "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
        "with", "yield",
    ];

    // Longer ones first.
    private static readonly string[] Operators =
    [
        "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "+", "-", "*", "/", "%", "@", "&", "|", "^", "<", ">",
    ];

    private readonly string _text;
    private int _position;
    private int _depth;

    private PythonExpression(string text) => _text = text;

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="literal">What <c>str()</c> prints of the literal; null if it is none.</param>
    public static PythonForm Read(string text, out string? literal)
    {
        literal = null;
        var reader = new PythonExpression(text);
        try
        {
            var value = reader.Series(end: '\0');
            if (reader._position < text.Length)
                return PythonForm.Unreadable;
            if (ReferenceEquals(value, NotLiteral))
                return PythonForm.Expression;
            literal = PythonText.Str(value);
            return PythonForm.Literal;
        }
        catch (FormatException)
        {
            return PythonForm.Unreadable;
        }
    }

    /// <summary>One expression, or a tuple of several with commas between them.</summary>
    private object? Series(char end)
    {
        var items = Items(end, out var hasComma);
        return !hasComma ? items[0] : items.Contains(NotLiteral) ? NotLiteral : new PythonTuple(items);
    }

    private List<object?> Items(char end, out bool hasComma)
    {
        var items = new List<object?> { Operation() };
        hasComma = false;
        while (Takes(","))
        {
            hasComma = true;
            Skip();
            if (_position >= _text.Length || _text[_position] == end)
                break;
            items.Add(Operation());
        }
        return items;
    }

    private object? Operation()
    {
        var value = Operand();
        while (TakesOperator())
        {
            Operand();
            value = NotLiteral;
        }
        return value;
    }

    private object? Operand()
    {
        if (++_depth > MaxDepth)
            throw new FormatException();
        object? value;
        if (TakesWord("not") || Takes("~"))
        {
            Operand();
            value = NotLiteral;
        }
        else if (Takes("-"))
        {
            value = Signed(negative: true);
        }
        else if (Takes("+"))
        {
            value = Signed(negative: false);
        }
        else
        {
            value = Trailed(Atom());
        }
        _depth--;
        return value;
    }

    // One sign before a number is part of the literal; before anything else, and another sign is that, it is an operator.
    private object Signed(bool negative)
    {
        Skip();
        var isNumber = _position < _text.Length && (char.IsAsciiDigit(_text[_position]) || _text[_position] == '.');
        return Operand() switch
        {
            BigInteger number when isNumber => negative ? -number : number,
            double number when isNumber => negative ? -number : number,
            _ => NotLiteral,
        };
    }

    private object? Trailed(object? value)
    {
        while (true)
        {
            if (Takes("."))
            {
                Skip();
                if (Name() is not { } name || Keywords.Contains(name) || name is "True" or "False" or "None")
                    throw new FormatException();
            }
            else if (Takes("["))
            {
                Series(']');
                Expect("]");
            }
            else if (Takes("("))
            {
                if (!Takes(")"))
                {
                    Series(')');
                    Expect(")");
                }
            }
            else
            {
                return value;
            }
            value = NotLiteral;
        }
    }

    private object? Atom()
    {
        Skip();
        if (_position >= _text.Length)
            throw new FormatException();
        if (Takes("["))
            return Takes("]") ? new List<object?>() : Listed();
        if (Takes("("))
            return Takes(")") ? new PythonTuple([]) : Parenthesised();
        if (Takes("{"))
            return Takes("}") ? new Dictionary<string, object?>() : throw new FormatException();
        if (IsQuote(_position))
            return Texts();
        if (_text[_position] is 'u' or 'U' && IsQuote(_position + 1))
        {
            _position++;
            return Texts();
        }
        if (Takes("..."))
            return NotLiteral;
        if (Number().Match(_text, _position) is { Success: true, Length: > 0 } number)
            return OfNumber(number.Value);
        return Name() switch
        {
            "True" => true,
            "False" => false,
            "None" => null,
            // A letter before quotes is a kind of text: of bytes, or with expressions inside.
            { } name when !Keywords.Contains(name) && !IsQuote(_position) => NotLiteral,
            _ => throw new FormatException(),
        };
    }

    private object? Parenthesised()
    {
        var value = Series(')');
        Expect(")");
        return value;
    }

    private object Listed()
    {
        var items = Items(']', out _);
        Expect("]");
        return items.Contains(NotLiteral) ? NotLiteral : items;
    }

    private bool TakesOperator()
    {
        Skip();
        foreach (var symbol in Operators)
        {
            if (Takes(symbol))
                return true;
        }
        if (TakesWord("is"))
        {
            TakesWord("not");
            return true;
        }
        if (TakesWord("not"))
            return TakesWord("in") ? true : throw new FormatException();
        return TakesWord("and") || TakesWord("or") || TakesWord("in");
    }

    private bool Takes(string symbol)
    {
        Skip();
        if (string.CompareOrdinal(_text, _position, symbol, 0, symbol.Length) != 0)
            return false;
        _position += symbol.Length;
        return true;
    }

    private bool TakesWord(string word)
    {
        Skip();
        var before = _position;
        if (Name() == word)
            return true;
        _position = before;
        return false;
    }

    private void Expect(string symbol)
    {
        if (!Takes(symbol))
            throw new FormatException();
    }

    private string? Name()
    {
        var start = _position;
        if (_position >= _text.Length || char.IsAsciiDigit(_text[_position]) || !IsNamePart(_position) || !IsNameStart(_position))
            return null;
        while (_position < _text.Length && IsNamePart(_position))
            _position += char.IsSurrogatePair(_text, _position) ? 2 : 1;
        return _text[start.._position];
    }

    private bool IsQuote(int at) => at < _text.Length && _text[at] is '\'' or '"';

    private bool IsNameStart(int at) => _text[at] == '_' || CharUnicodeInfo.GetUnicodeCategory(_text, at) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber;

    private bool IsNamePart(int at) => IsNameStart(at) || CharUnicodeInfo.GetUnicodeCategory(_text, at) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber
        or UnicodeCategory.ConnectorPunctuation;

    private void Skip()
    {
        while (_position < _text.Length && _text[_position] is ' ' or '\t')
            _position++;
        // A comment goes on to the end.
        if (_position < _text.Length && _text[_position] == '#')
            _position = _text.Length;
    }
}
