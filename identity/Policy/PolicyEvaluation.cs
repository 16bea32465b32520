namespace Cyborg.Identity.Policy;

/// <summary>What a check says.</summary>
internal enum Verdict
{
    Deny,
    Allow,
    /// <summary>Not understood: counts as <see cref="Deny"/>, and so does its negation.</summary>
    Unclear,
    /// <summary>Cannot be said: the whole question is denied at once.</summary>
    Refused,
}

/// <summary>One question to the rules. Work is bounded: a rule is evaluated once, and nesting has a limit. It asks no server itself: at
/// a remote check without an answer it stops, and <see cref="Pending"/> is to be asked before the next try.</summary>
internal sealed class PolicyEvaluation(
    PolicyRuleSet rules,
    IReadOnlyDictionary<string, object?> target,
    IReadOnlyDictionary<string, object?> credentials,
    IReadOnlyDictionary<Uri, Verdict>? answers = null)
{
    private const int MaxDepth = 1000;

    private readonly Dictionary<string, Verdict> known = new(StringComparer.Ordinal);
    private int depth;

    /// <summary>The server whose answer is needed; null if none is.</summary>
    public Uri? Pending { get; private set; }

    /// <summary>What a rule says. An unknown one is the rule <c>default</c>, and denies if there is none.</summary>
    public Verdict Rule(string name)
    {
        if (known.TryGetValue(name, out var verdict))
            return verdict;
        // Stands while the rule itself is evaluated, should a cycle ever get here.
        known[name] = Verdict.Refused;
        verdict = rules.Find(name) is { } check ? Evaluate(check) : Verdict.Deny;
        known[name] = verdict;
        return verdict;
    }

    public Verdict Evaluate(Check check)
    {
        if (depth >= MaxDepth)
            return Verdict.Refused;
        depth++;
        var verdict = check switch
        {
            AllowCheck => Verdict.Allow,
            DenyCheck => Verdict.Deny,
            UnclearCheck => Verdict.Unclear,
            RefusedCheck => Verdict.Refused,
            NotCheck not => Not(Evaluate(not.Operand)),
            AndCheck and => And(and.Operands),
            OrCheck or => Or(or.Operands),
            RuleCheck rule => Rule(rule.Name),
            RoleCheck role => Role(role),
            RemoteCheck remote => Remote(remote),
            LiteralCheck literal => Of(literal.Match.Render(target, out _) == literal.Value),
            PathCheck path => Path(path),
            _ => Verdict.Refused,
        };
        depth--;
        return verdict;
    }

    private static Verdict Of(bool allows) => allows ? Verdict.Allow : Verdict.Deny;

    private static Verdict Not(Verdict verdict) => verdict switch
    {
        Verdict.Allow => Verdict.Deny,
        Verdict.Deny => Verdict.Allow,
        _ => verdict,
    };

    private Verdict And(IReadOnlyList<Check> operands)
    {
        var result = Verdict.Allow;
        foreach (var operand in operands)
        {
            var verdict = Evaluate(operand);
            if (verdict is Verdict.Deny or Verdict.Refused)
                return verdict;
            if (verdict == Verdict.Unclear)
                result = verdict;
        }
        return result;
    }

    private Verdict Or(IReadOnlyList<Check> operands)
    {
        var result = Verdict.Deny;
        foreach (var operand in operands)
        {
            var verdict = Evaluate(operand);
            if (verdict is Verdict.Allow or Verdict.Refused)
                return verdict;
            if (verdict == Verdict.Unclear)
                result = verdict;
        }
        return result;
    }

    private Verdict Role(RoleCheck check)
    {
        if (check.Role.Render(target, out var hasNull) is not { } wanted || hasNull)
            return Verdict.Deny;
        var roles = credentials.GetValueOrDefault("roles") as IEnumerable<object?> ?? [];
        // Lower case on both sides, as upstream: ignoring case would also join letters that only share their upper case.
        var lowered = wanted.ToLowerInvariant();
        return Of(roles.OfType<string>().Select(role => role.ToLowerInvariant()).Contains(lowered, StringComparer.Ordinal));
    }

    private Verdict Remote(RemoteCheck check)
    {
        if (check.Address(target) is not { } address)
            return Verdict.Refused;
        if (answers?.TryGetValue(address, out var answer) ?? false)
            return answer;
        Pending = address;
        return Verdict.Refused;
    }

    private Verdict Path(PathCheck check)
    {
        if (check.Match.Render(target, out var hasNull) is not { } wanted || hasNull)
            return Verdict.Deny;
        // Upstream prints a missing project as None on both sides and finds them equal; here nothing is equal to what is not there.
        return Of(IsIn(credentials, check.Path, 0, wanted, nullMatches: !check.Match.HasKeys));
    }

    private static bool IsIn(object? value, IReadOnlyList<string> path, int index, string wanted, bool nullMatches)
    {
        if (index == path.Count)
            return (value is not null || nullMatches) && PythonText.Str(value) == wanted;
        if (value is not IReadOnlyDictionary<string, object?> map || !map.TryGetValue(path[index], out var inner))
            return false;
        return inner is IEnumerable<object?> list and not IReadOnlyDictionary<string, object?>
            ? list.Any(item => IsIn(item, path, index + 1, wanted, nullMatches))
            : IsIn(inner, path, index + 1, wanted, nullMatches);
    }
}
