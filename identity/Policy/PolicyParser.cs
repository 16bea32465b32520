namespace Cyborg.Identity.Policy;

/// <summary>A rule's tree, and what in it could not be understood.</summary>
internal sealed record ParsedRule(Check Check, IReadOnlyList<string> Problems);

/// <summary>Reads the policy language of oslo.policy. Never throws: what it does not understand lets nobody in and is told.</summary>
internal sealed class PolicyParser
{
    /// <summary>Longest rule, in characters.</summary>
    public const int MaxLength = 64 * 1024;
    /// <summary>Deepest nesting of parentheses and <c>not</c>.</summary>
    public const int MaxDepth = 500;

    private readonly IReadOnlyList<PolicyToken> _tokens;
    private readonly List<string> _problems = [];
    private int _position;

    private PolicyParser(IReadOnlyList<PolicyToken> tokens) => _tokens = tokens;

    /// <summary>Reads a rule that is a text. The empty text allows; one of white space only is no expression and denies, as
    /// upstream.</summary>
    public static ParsedRule Parse(string text)
    {
        if (text.Length == 0)
            return new ParsedRule(AllowCheck.Instance, []);
        if (text.Length > MaxLength)
            return Unclear(text[..100] + "...", $"is longer than {MaxLength} characters");
        var parser = new PolicyParser(PolicyTokenizer.Split(text));
        var check = parser.Or(0);
        return check is not null && parser._position == parser._tokens.Count
            ? new ParsedRule(check, parser._problems)
            : Unclear(text, "is not an expression of the policy language");
    }

    /// <summary>Reads a rule that is a list of lists: any of the outer, all of the inner ones. A check that stands alone in the outer list
    /// comes as a list of one, and as an empty one if it is empty. Empty inner lists are skipped; nothing at all allows, nothing but empty
    /// lists denies.</summary>
    public static ParsedRule ParseList(IReadOnlyList<IReadOnlyList<string>> lists)
    {
        if (lists.Count == 0)
            return new ParsedRule(AllowCheck.Instance, []);
        var problems = new List<string>();
        var any = new List<Check>();
        foreach (var list in lists.Where(list => list.Count > 0))
        {
            var all = list.Select(text => PolicyChecks.Parse(text, problems)).ToList();
            any.Add(all.Count == 1 ? all[0] : new AndCheck(all));
        }
        return new ParsedRule(any.Count switch { 0 => DenyCheck.Instance, 1 => any[0], _ => new OrCheck(any) }, problems);
    }

    private static ParsedRule Unclear(string text, string why) => new(new UnclearCheck(text), [$"'{text}' {why}; it denies"]);

    private Check? Or(int depth) => Series(PolicyTokenKind.Or, depth, And, operands => new OrCheck(operands));

    private Check? And(int depth) => Series(PolicyTokenKind.And, depth, Not, operands => new AndCheck(operands));

    private Check? Series(PolicyTokenKind separator, int depth, Func<int, Check?> operand, Func<IReadOnlyList<Check>, Check> combine)
    {
        if (operand(depth) is not { } first)
            return null;
        if (!Takes(separator))
            return first;
        var operands = new List<Check> { first };
        do
        {
            if (operand(depth) is not { } next)
                return null;
            operands.Add(next);
        }
        while (Takes(separator));
        return combine(operands);
    }

    private Check? Not(int depth)
    {
        if (depth > MaxDepth)
            return null;
        if (!Takes(PolicyTokenKind.Not))
            return Primary(depth);
        return Not(depth + 1) is { } operand ? new NotCheck(operand) : null;
    }

    private Check? Primary(int depth)
    {
        if (Takes(PolicyTokenKind.Open))
            return Or(depth + 1) is { } inner && Takes(PolicyTokenKind.Close) ? inner : null;
        if (_position >= _tokens.Count || _tokens[_position].Kind != PolicyTokenKind.Check)
            return null;
        return PolicyChecks.Parse(_tokens[_position++].Text, _problems);
    }

    private bool Takes(PolicyTokenKind kind)
    {
        if (_position >= _tokens.Count || _tokens[_position].Kind != kind)
            return false;
        _position++;
        return true;
    }
}
