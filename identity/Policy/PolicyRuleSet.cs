using System.Collections.Frozen;

namespace Cyborg.Identity.Policy;

/// <summary>A rule as a policy file has it: a text, or a list of lists.</summary>
internal sealed record PolicyRuleText(string? Text, IReadOnlyList<IReadOnlyList<string>>? Lists)
{
    public static implicit operator PolicyRuleText(string text) => new(text, null);

    public ParsedRule Parse() => Text is not null ? PolicyParser.Parse(Text) : PolicyParser.ParseList(Lists ?? []);
}

/// <summary>All rules, read and checked: defaults, what a file says instead, and old defaults beside new ones. Immutable.</summary>
internal sealed class PolicyRuleSet
{
    /// <summary>The rule that stands for unknown ones (oslo.policy's <c>policy_default_rule</c>).</summary>
    public const string DefaultRule = "default";

    private readonly FrozenDictionary<string, Check> checks;

    private PolicyRuleSet(Dictionary<string, Check> checks, IReadOnlyList<string> problems) =>
        (this.checks, Problems) = (checks.ToFrozenDictionary(StringComparer.Ordinal), problems);

    /// <summary>What is wrong with the rules, for the log, one line each.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>Reads the rules.</summary>
    /// <param name="defaults">Rules that code registers.</param>
    /// <param name="overrides">Rules of files, by name.</param>
    /// <param name="enforceNewDefaults">False: an old default that differs also lets callers in.</param>
    public static PolicyRuleSet Build(
        IEnumerable<PolicyRule> defaults, IReadOnlyDictionary<string, PolicyRuleText> overrides, bool enforceNewDefaults)
    {
        var problems = new List<string>();
        var fromFile = overrides.ToDictionary(rule => rule.Key, rule => Read(rule.Key, rule.Value, problems), StringComparer.Ordinal);
        var checks = new Dictionary<string, Check>(fromFile, StringComparer.Ordinal);
        var registered = new HashSet<string>(StringComparer.Ordinal);
        foreach (var rule in defaults)
        {
            if (!registered.Add(rule.Name))
                problems.Add($"{Shown(rule.Name)}: is registered twice; the first one counts");
            else if (!fromFile.ContainsKey(rule.Name))
                checks[rule.Name] = Effective(rule, fromFile, enforceNewDefaults, problems);
        }
        PolicyReferences.Check(checks, problems);
        return new PolicyRuleSet(checks, problems);
    }

    /// <summary>The check of a rule, or of <c>default</c> if there is no such rule; null if there is neither.</summary>
    public Check? Find(string name) => checks.GetValueOrDefault(name) ?? checks.GetValueOrDefault(DefaultRule);

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
