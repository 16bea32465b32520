using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>Rules among rules: references, fall-back, cycles, old defaults, scope.</summary>
public sealed class PolicyRulesTests
{
    private static readonly Credentials Member = new() { ProjectId = "p1", UserId = "u1", Roles = ["member"] };
    private static readonly Dictionary<string, string?> Nothing = [];

    private static PolicyRule WithOld(string check, string oldCheck, string? oldName = null) =>
        PolicyAsk.Rule("new", check) with { Deprecated = new DeprecatedRule(oldName ?? "new", oldCheck, "Wallaby") };

    private static PolicyEnforcer Enforcer(PolicyRule rule, bool enforceNewDefaults, params (string Name, string Check)[] file) =>
        new([rule], file.ToDictionary(pair => pair.Name, pair => (PolicyRuleText)pair.Check), enforceNewDefaults);

    [Fact]
    public void A_rule_refers_to_others() =>
        Assert.True(PolicyAsk.Allows("a", Member, "a", "rule:b and not rule:c", "b", "role:member", "c", "role:admin"));

    [Fact]
    public void A_reference_to_nothing_is_the_default_rule()
    {
        Assert.True(PolicyAsk.Allows("a", Member, "a", "rule:nope", "default", "role:member"));
        Assert.False(PolicyAsk.Allows("a", Member, "a", "rule:nope", "default", "role:admin"));
        Assert.False(PolicyAsk.Allows("a", Member, "a", "rule:nope"));
    }

    [Fact]
    public void A_reference_to_nothing_is_told()
    {
        var enforcer = new PolicyEnforcer(PolicyAsk.Pairs("a", "rule:nope or role:member"), true);
        Assert.Contains("'nope', which does not exist; it denies", Assert.Single(enforcer.Problems));
        Assert.True(enforcer.Allows("a", Nothing, Member));
    }

    [Fact]
    public void A_rule_that_nobody_registered_lets_nobody_in_even_with_a_default()
    {
        Assert.False(PolicyAsk.Allows("nope", Member, "default", "@"));
        var file = new Dictionary<string, PolicyRuleText> { ["only in a file"] = "@" };
        Assert.False(new PolicyEnforcer([], file, true).Allows("only in a file", Nothing, Member));
    }

    [Fact]
    public void A_rule_of_a_file_that_nobody_registered_can_be_referred_to() =>
        Assert.True(Enforcer(PolicyAsk.Rule("new", "!"), true, ("new", "rule:mine"), ("mine", "role:member")).Allows("new", Nothing, Member));

    [Theory]
    [InlineData("a", "rule:a")]
    [InlineData("a", "@ or rule:a")]
    [InlineData("a", "not rule:a")]
    [InlineData("a", "rule:b", "b", "rule:c or @", "c", "not rule:a")]
    [InlineData("a", "rule:nope", "default", "rule:also_nope")]
    [InlineData("a", "not rule:b", "b", "rule:b")]
    [InlineData("a", "rule:b or @", "b", "rule:b")]
    public void Cycles_deny_and_are_told(params string[] rules)
    {
        var enforcer = new PolicyEnforcer(PolicyAsk.Pairs(rules), true);
        Assert.False(enforcer.Allows("a", Nothing, Member));
        Assert.Contains(enforcer.Problems, problem => problem.Contains("refers to itself", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cycle_elsewhere_harms_nobody()
    {
        var enforcer = new PolicyEnforcer(PolicyAsk.Pairs("a", "role:member or rule:b", "b", "rule:b", "user", "rule:a", "leaf", "@"), true);
        Assert.True(enforcer.Allows("a", Nothing, Member));
        Assert.True(enforcer.Allows("user", Nothing, Member));
        Assert.True(enforcer.Allows("leaf", Nothing, Member));
        Assert.Single(enforcer.Problems);
    }

    [Fact]
    public void Rules_that_multiply_are_evaluated_once_each()
    {
        var rules = Enumerable.Range(0, 60).SelectMany(i => new[] { $"r{i}", $"(rule:r{i + 1} and role:admin) or rule:r{i + 1}" });
        Assert.False(PolicyAsk.Allows("r0", Member, [.. rules, "r60", "!"]));
    }

    [Fact]
    public void A_chain_without_end_denies_instead_of_breaking()
    {
        string[] Chain(int length) => [.. Enumerable.Range(0, length).SelectMany(i => new[] { $"r{i}", $"rule:r{i + 1}" }), $"r{length}", "@"];
        Assert.True(PolicyAsk.Allows("r0", Member, Chain(200)));
        Assert.False(PolicyAsk.Allows("r0", Member, Chain(50_000)));
    }

    [Fact]
    public void The_old_default_lets_in_until_new_defaults_are_enforced()
    {
        var rule = WithOld("role:admin", "role:member");
        Assert.True(Enforcer(rule, enforceNewDefaults: false).Allows("new", Nothing, Member));
        Assert.False(Enforcer(rule, enforceNewDefaults: true).Allows("new", Nothing, Member));
        Assert.True(Enforcer(rule, enforceNewDefaults: false).Allows("new", Nothing, Member with { Roles = ["admin"] }));
    }

    [Fact]
    public void A_rule_of_a_file_wins_without_the_old_default() =>
        Assert.False(Enforcer(WithOld("role:admin", "role:member"), false, ("new", "role:admin")).Allows("new", Nothing, Member));

    [Theory]
    [InlineData("@", true, "a changed old rule of a file counts for the new name")]
    [InlineData("role:nobody", false, "it is not the old default, so it replaces it")]
    [InlineData("role:member", false, "the same as the old default: only the new one counts when it is enforced")]
    [InlineData("rule:new", false, "an alias of the new name")]
    public void A_file_may_still_set_the_old_name(string check, bool allows, string because)
    {
        var rule = WithOld("role:admin", "role:member", "old");
        var enforcer = Enforcer(rule, enforceNewDefaults: true, ("old", check));
        Assert.True(allows == enforcer.Allows("new", Nothing, Member), because);
    }

    [Fact]
    public void Of_both_names_in_a_file_the_new_one_counts() => Assert.False(
        Enforcer(WithOld("role:admin", "role:member", "old"), false, ("old", "@"), ("new", "role:admin")).Allows("new", Nothing, Member));

    [Fact]
    public void A_rule_registered_twice_is_told()
    {
        var enforcer = new PolicyEnforcer(PolicyAsk.Pairs("a", "!", "a", "@"), true);
        Assert.Single(enforcer.Problems);
        Assert.False(enforcer.Allows("a", Nothing, Member));
    }

    [Fact]
    public void A_rule_of_a_file_that_cannot_be_read_denies_and_is_told()
    {
        var enforcer = Enforcer(PolicyAsk.Rule("new", "@"), false, ("new", "role:member and"), ("odd\nname", "x y"));
        Assert.False(enforcer.Allows("new", Nothing, Member));
        Assert.Equal(2, enforcer.Problems.Count);
        Assert.All(enforcer.Problems, problem => Assert.DoesNotContain('\n', problem));
    }

    [Fact]
    public void A_list_rule_of_a_file_is_read()
    {
        var file = new Dictionary<string, PolicyRuleText> { ["new"] = new(null, [["role:admin"], ["role:member", "project_id:p1"]]) };
        Assert.True(new PolicyEnforcer([PolicyAsk.Rule("new", "!")], file, true).Allows("new", Nothing, Member));
    }

    [Theory]
    [InlineData(null, null, "project", true)]
    [InlineData(null, null, "system", false)]
    [InlineData("all", null, "project", false)]
    [InlineData("all", "d1", "system", true)]
    [InlineData(null, "d1", "project", false)]
    [InlineData(null, "d1", "domain", true)]
    [InlineData("all", "d1", null, true)]
    public void Only_tokens_of_the_rules_scope_get_in(string? system, string? domain, string? scopeType, bool allows)
    {
        var rule = PolicyAsk.Rule("a", "@") with { ScopeTypes = scopeType is null ? [] : [scopeType] };
        var credentials = new Credentials { SystemScope = system, DomainId = domain };
        Assert.Equal(allows, new PolicyEnforcer([rule], true).Allows("a", Nothing, credentials));
    }

    [Fact]
    public void Scope_types_of_a_rule_that_is_referred_to_do_not_count()
    {
        var inner = PolicyAsk.Rule("inner", "@") with { ScopeTypes = ["system"] };
        Assert.True(new PolicyEnforcer([PolicyAsk.Rule("a", "rule:inner"), inner], true).Allows("a", Nothing, Member));
    }

    [Fact]
    public void The_base_rules_have_no_problems()
    {
        Assert.Empty(new PolicyEnforcer(BaseRules.All, false).Problems);
        Assert.Empty(new PolicyEnforcer(BaseRules.All, true).Problems);
        Assert.Equal(17, BaseRules.All.Count);
    }
}
