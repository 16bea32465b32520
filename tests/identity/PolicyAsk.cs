using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>Asks one rule that stands alone or among others.</summary>
internal static class PolicyAsk
{
    public static PolicyRule Rule(string name, string check) => new(name, check, name, []);

    public static bool Allows(
        ParsedRule rule, IReadOnlyDictionary<string, object?> target, IReadOnlyDictionary<string, object?> credentials)
    {
        var rules = PolicyRuleSet.Build([], new Dictionary<string, PolicyRuleText>(), enforceNewDefaults: true);
        return new PolicyEvaluation(rules, target, credentials).Evaluate(rule.Check) == Verdict.Allow;
    }

    /// <summary>Asks the rule <c>asked</c> among rules given as name and check in turn.</summary>
    public static bool Allows(string asked, Credentials credentials, params string[] rules) =>
        new PolicyEnforcer(Pairs(rules), enforceNewDefaults: true).Allows(asked, new Dictionary<string, string?>(), credentials);

    public static IEnumerable<PolicyRule> Pairs(params string[] rules) => rules.Chunk(2).Select(pair => Rule(pair[0], pair[1]));
}
