namespace Cyborg.Identity.Policy;

/// <summary>Answers whether a caller may do something. Fails closed: what it does not understand denies and is told in
/// <see cref="Problems"/>. Immutable, for any number of threads.</summary>
public sealed class PolicyEnforcer
{
    private static readonly Dictionary<string, PolicyRuleText> NoOverrides = [];

    private readonly PolicyRuleSet ruleSet;
    private readonly Dictionary<string, PolicyRule> registered;

    /// <summary>Reads the rules' defaults.</summary>
    /// <param name="rules">All rules that code asks for, and those that they refer to (<see cref="BaseRules.All"/>).</param>
    /// <param name="enforceNewDefaults">False (upstream's default until 2027.1): the old default of a rule also lets callers in.</param>
    public PolicyEnforcer(IEnumerable<PolicyRule> rules, bool enforceNewDefaults) : this(rules, NoOverrides, enforceNewDefaults) { }

    internal PolicyEnforcer(
        IEnumerable<PolicyRule> rules, IReadOnlyDictionary<string, PolicyRuleText> overrides, bool enforceNewDefaults)
    {
        Rules = [.. rules];
        registered = Rules.DistinctBy(rule => rule.Name).ToDictionary(rule => rule.Name, StringComparer.Ordinal);
        ruleSet = PolicyRuleSet.Build(Rules, overrides, enforceNewDefaults);
    }

    /// <summary>The rules that are registered, as they were given.</summary>
    public IReadOnlyList<PolicyRule> Rules { get; }

    /// <summary>What is wrong with the rules, one line each, for the log: rules that cannot be read, references to nothing,
    /// cycles.</summary>
    public IReadOnlyList<string> Problems => ruleSet.Problems;

    /// <summary>True if the rule lets the caller in. A rule that nobody registered lets nobody in, nor does one whose scope types do not
    /// have the scope of the caller's token.</summary>
    /// <param name="rule">Name of the rule.</param>
    /// <param name="target">What the call is about: <c>project_id</c> and <c>user_id</c> of the object, or the caller's own. A null
    /// value matches nothing.</param>
    /// <param name="credentials">Who asks.</param>
    public bool Allows(string rule, IReadOnlyDictionary<string, string?> target, Credentials credentials)
    {
        if (!registered.TryGetValue(rule, out var declared) || !TokenScope.IsIn(declared.ScopeTypes, credentials))
            return false;
        var values = target.ToDictionary(pair => pair.Key, object? (pair) => pair.Value, StringComparer.Ordinal);
        return new PolicyEvaluation(ruleSet, values, credentials.ToPolicyValues()).Rule(rule) == Verdict.Allow;
    }
}

/// <summary>What a token is for: the system, a domain, or a project. A token for nothing counts as one for a project, as in
/// oslo.policy.</summary>
internal static class TokenScope
{
    public static string Of(Credentials credentials) =>
        !string.IsNullOrEmpty(credentials.SystemScope) ? "system" : !string.IsNullOrEmpty(credentials.DomainId) ? "domain" : "project";

    public static bool IsIn(IReadOnlyList<string> scopeTypes, Credentials credentials) =>
        scopeTypes.Count == 0 || scopeTypes.Contains(Of(credentials));
}
