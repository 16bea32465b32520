namespace Cyborg.Identity.Policy;

internal enum PolicyTokenKind { Open, Close, And, Or, Not, Check, Quoted }

internal readonly record struct PolicyToken(PolicyTokenKind Kind, string Text);

/// <summary>Splits a rule into tokens as oslo.policy does: at white space; parentheses count at the edges of a word only, because
/// <c>%(key)s</c> has them inside.</summary>
internal static class PolicyTokenizer
{
    public static IReadOnlyList<PolicyToken> Split(string text)
    {
        var tokens = new List<PolicyToken>();
        var position = 0;
        while (position < text.Length)
        {
            if (IsSpace(text[position]))
            {
                position++;
                continue;
            }
            var end = position;
            while (end < text.Length && !IsSpace(text[end]))
                end++;
            AddWord(text[position..end], tokens);
            position = end;
        }
        return tokens;
    }

    private static void AddWord(string word, List<PolicyToken> tokens)
    {
        var opened = word.TrimStart('(');
        for (var i = opened.Length; i < word.Length; i++)
            tokens.Add(new(PolicyTokenKind.Open, "("));
        var text = opened.TrimEnd(')');
        if (text.Length > 0)
            tokens.Add(new(KindOf(text, opened), text));
        for (var i = text.Length; i < opened.Length; i++)
            tokens.Add(new(PolicyTokenKind.Close, ")"));
    }

    private static PolicyTokenKind KindOf(string text, string withParentheses)
    {
        if (text.Equals("and", StringComparison.OrdinalIgnoreCase))
            return PolicyTokenKind.And;
        if (text.Equals("or", StringComparison.OrdinalIgnoreCase))
            return PolicyTokenKind.Or;
        if (text.Equals("not", StringComparison.OrdinalIgnoreCase))
            return PolicyTokenKind.Not;
        // Upstream looks at the quotes before it takes the closing parentheses off.
        return withParentheses.Length >= 2 && withParentheses[0] is '"' or '\'' && withParentheses[0] == withParentheses[^1]
            ? PolicyTokenKind.Quoted
            : PolicyTokenKind.Check;
    }

    // Python counts the four separators of ASCII as white space, .NET does not.
    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001c' and <= '\u001f';
}
