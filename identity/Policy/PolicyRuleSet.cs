using System.Collections.Frozen;

namespace Cyborg.Identity.Policy;

/// <summary>A rule as a policy file has it: a text, or a list of lists.</summary>
internal sealed record PolicyRuleText(string? Text, IReadOnlyList<IReadOnlyList<string>>? Lists)
{
    /// <summary>A check that stands in the outer list; one without a text is skipped, as an empty list.</summary>
    public static IReadOnlyList<string> Alone(string check) => check.Length == 0 ? [] : [check];

    public static implicit operator PolicyRuleText(string text) => new(text, null);

    public ParsedRule Parse() => Text is not null ? PolicyParser.Parse(Text) : PolicyParser.ParseList(Lists ?? []);
}

/// <summary>All rules, read and checked: defaults, what a file says instead, and old defaults beside new ones. Immutable.</summary>
internal sealed class PolicyRuleSet
{
    /// <summary>The rule that stands for unknown ones (oslo.policy's <c>policy_default_rule</c>).</summary>
    public const string DefaultRule = "default";

    private readonly IReadOnlyDictionary<string, Check> _checks;

    private readonly string _defaultRule;

    private PolicyRuleSet(
        IReadOnlyDictionary<string, Check> checks, IReadOnlyList<string> problems, IReadOnlyList<PolicyHint> hints, string defaultRule)
    {
        _checks = checks;
        _defaultRule = defaultRule;
        Problems = problems;
        Advice = [.. hints.Select(hint => hint.Text)];
        UnknownRules = [.. hints.Where(hint => hint.IsUnknownRule).Select(hint => hint.Text)];
    }

    /// <summary>What is wrong with the rules, for the log, one line each.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>What rules of files could do without, one line each: what is the default anyway, is on its way out, or nobody asks
    /// for.</summary>
    public IReadOnlyList<string> Advice { get; }

    /// <summary>Those of <see cref="Advice"/> about rules that nobody asks for: likely typing errors.</summary>
    public IReadOnlyList<string> UnknownRules { get; }

    /// <summary>Reads the rules.</summary>
    /// <param name="defaults">Rules that code registers.</param>
    /// <param name="overrides">Rules of files, by name.</param>
    /// <param name="enforceNewDefaults">False: an old default that differs also lets callers in.</param>
    /// <param name="defaultRule">The rule that stands for unknown ones.</param>
    public static PolicyRuleSet Build(
        IEnumerable<PolicyRule> defaults,
        IReadOnlyDictionary<string, PolicyRuleText> overrides,
        bool enforceNewDefaults,
        string defaultRule = DefaultRule)
    {
        var problems = new List<string>();
        var fromFile = overrides.ToDictionary(rule => rule.Key, rule => Read(rule.Key, rule.Value, problems), StringComparer.Ordinal);
        var checks = new Dictionary<string, Check>(fromFile, StringComparer.Ordinal);
        var registered = new Dictionary<string, PolicyRule>(StringComparer.Ordinal);
        foreach (var rule in defaults)
        {
            if (!registered.TryAdd(rule.Name, rule))
                problems.Add($"{Shown(rule.Name)}: is registered twice; the first one counts");
            else if (!fromFile.ContainsKey(rule.Name))
                checks[rule.Name] = Effective(rule, fromFile, enforceNewDefaults, problems);
        }
        var advice = PolicyAdvice.Of(
            fromFile, registered, checks, defaultRule, name => Effective(registered[name], fromFile, enforceNewDefaults, []));
        PolicyReferences.Check(checks, problems, defaultRule);
        return new PolicyRuleSet(checks.ToFrozenDictionary(StringComparer.Ordinal), problems, advice, defaultRule);
    }

    /// <summary>Rules that stand alone, without any of code or files; <see cref="DefaultRule"/> is the name of the one that stands for
    /// unknown ones.</summary>
    public static PolicyRuleSet Of(IReadOnlyDictionary<string, PolicyRuleText> rules)
    {
        var problems = new List<string>();
        var checks = rules.ToDictionary(rule => rule.Key, rule => Read(rule.Key, rule.Value, problems), StringComparer.Ordinal);
        PolicyReferences.Check(checks, problems, DefaultRule);
        return new PolicyRuleSet(checks, problems, [], DefaultRule);
    }

    /// <summary>A registered rule's check when no file has it, in the policy language.</summary>
    public static string DefaultOf(PolicyRule rule, bool enforceNewDefaults) =>
        enforceNewDefaults || rule.Deprecated is null || rule.Deprecated.Check == rule.Check
            ? rule.Check
            : Effective(rule, [], enforceNewDefaults, []).Print();

    /// <summary>The check of a rule, or of the default rule if there is no such rule; null if there is neither.</summary>
    public Check? Find(string name) => _checks.GetValueOrDefault(name) ?? _checks.GetValueOrDefault(_defaultRule);

    private static Check Effective(
        PolicyRule rule, Dictionary<string, Check> fromFile, bool enforceNewDefaults, List<string> problems)
    {
        var check = Read(rule.Name, rule.Check, problems);
        if (rule.Deprecated is not { } old)
            return check;
        var oldCheck = Read(rule.Name, old.Check, problems);
        if (old.Name != rule.Name && fromFile.TryGetValue(old.Name, out var byOldName)
            && byOldName.Print() != oldCheck.Print() && byOldName.Print() != "rule:" + rule.Name)
            return byOldName;
        return enforceNewDefaults || rule.Check == old.Check ? check : new OrCheck([check, oldCheck]);
    }

    private static Check Read(string name, PolicyRuleText text, List<string> problems)
    {
        var parsed = text.Parse();
        problems.AddRange(parsed.Problems.Select(problem => $"{Shown(name)}: {Shown(problem, 300)}"));
        return parsed.Check;
    }

    internal static string Shown(string text, int maxLength = 200) =>
        string.Concat(text.Take(maxLength).Select(c => char.IsControl(c) ? '?' : c));
}
