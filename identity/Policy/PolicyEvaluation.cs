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

    private readonly Dictionary<string, Verdict> _known = new(StringComparer.Ordinal);
    private int _depth;

    /// <summary>The server whose answer is needed; null if none is.</summary>
    public Uri? Pending { get; private set; }

    /// <summary>What a rule says. An unknown one is the rule <c>default</c>, and denies if there is none.</summary>
    public Verdict Rule(string name)
    {
        if (_known.TryGetValue(name, out var verdict))
            return verdict;
        // Stands while the rule itself is evaluated, should a cycle ever get here.
        _known[name] = Verdict.Refused;
        verdict = rules.Find(name) is { } check ? Evaluate(check) : Verdict.Deny;
        _known[name] = verdict;
        return verdict;
    }

    public Verdict Evaluate(Check check)
    {
        if (_depth >= MaxDepth)
            return Verdict.Refused;
        _depth++;
        var verdict = check switch
        {
            AllowCheck => Verdict.Allow,
            DenyCheck => Verdict.Deny,
            UnclearCheck => Verdict.Unclear,
            // Upstream finds a key missing, and says no, before it finds that the rest makes no sense.
            RefusedCheck { Match: { } match } when match.Render(target).Outcome == TemplateOutcome.Missing => Verdict.Unclear,
            RefusedCheck => Verdict.Refused,
            NotCheck not => Not(Evaluate(not.Operand)),
            AndCheck and => And(and.Operands),
            OrCheck or => Or(or.Operands),
            RuleCheck rule => Rule(rule.Name),
            RoleCheck role => Role(role),
            RemoteCheck remote => Remote(remote),
            LiteralCheck literal => Literal(literal),
            PathCheck path => Path(path),
            _ => Verdict.Refused,
        };
        _depth--;
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
        var wanted = check.Role.Render(target);
        if (wanted.Outcome != TemplateOutcome.Text)
            return NoText(wanted);
        if (!credentials.TryGetValue("roles", out var given))
            return Verdict.Deny;
        if (RolesOf(given) is not { } roles)
            return Verdict.Refused;
        // Lower case on both sides, as upstream: ignoring case would also join letters that only share their upper case.
        var lowered = PythonText.Lower(wanted.Text);
        return roles.Any(role => PythonText.Lower(role) == lowered) ? Matched(wanted.HasNull) : Verdict.Deny;
    }

    /// <summary>What Python finds when it goes through the roles; null if it raises.</summary>
    private static List<string>? RolesOf(object? roles)
    {
        switch (roles)
        {
            case string text:
                return [.. text.EnumerateRunes().Select(letter => letter.ToString())];
            case IReadOnlyDictionary<string, object?> map:
                return [.. map.Keys];
            case IEnumerable<object?> list:
                var texts = list.OfType<string>().ToList();
                return texts.Count == list.Count() ? texts : null;
            default:
                return null;
        }
    }

    private Verdict Literal(LiteralCheck check)
    {
        var wanted = check.Match.Render(target);
        return wanted.Outcome == TemplateOutcome.Text ? Of(wanted.Text == check.Value) : NoText(wanted);
    }

    private static Verdict NoText(RenderedTemplate template) =>
        template.Outcome == TemplateOutcome.Missing ? Verdict.Deny : Verdict.Refused;

    /// <summary>Upstream prints a missing project as None on both sides and finds them equal. Here nothing is equal to what is not there,
    /// nor is it sure to differ: neither the check nor its negation lets anybody in.</summary>
    private static Verdict Matched(bool byNull) => byNull ? Verdict.Unclear : Verdict.Allow;

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
        var wanted = check.Match.Render(target);
        return wanted.Outcome == TemplateOutcome.Text
            ? Find(credentials, check.Path, wanted, nullMatches: !check.Match.HasKeys)
            : NoText(wanted);
    }

    /// <summary>Looks for a value at the end of a path; of a list, any element will do.</summary>
    /// <returns>Refused where the path goes on into something that is no map: Python raises there.</returns>
    private static Verdict Find(object? value, ReadOnlySpan<string> path, RenderedTemplate wanted, bool nullMatches)
    {
        if (path.IsEmpty)
        {
            return PythonText.Str(value) == wanted.Text
                ? Matched(byNull: wanted.HasNull || (value is null && !nullMatches))
                : Verdict.Deny;
        }
        if (value is not IReadOnlyDictionary<string, object?> map)
            return Verdict.Refused;
        if (!map.TryGetValue(path[0], out var inner))
            return Verdict.Deny;
        if (inner is not IEnumerable<object?> list || inner is IReadOnlyDictionary<string, object?>)
            return Find(inner, path[1..], wanted, nullMatches);
        var verdict = Verdict.Deny;
        foreach (var item in list)
        {
            var found = Find(item, path[1..], wanted, nullMatches);
            if (found is Verdict.Allow or Verdict.Refused)
                return found;
            if (found == Verdict.Unclear)
                verdict = found;
        }
        return verdict;
    }
}
