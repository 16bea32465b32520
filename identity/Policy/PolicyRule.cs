namespace Cyborg.Identity.Policy;

/// <summary>An API operation that a rule guards, for lists and samples.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path with its parameters in braces: <c>/v2/devices/{uuid}</c>.</param>
public sealed record PolicyOperation(string Method, string Path);

/// <summary>What a rule was before its new default (oslo.policy's DeprecatedRule). Until <c>enforce_new_defaults</c> is true the old
/// check also lets callers in.</summary>
/// <param name="Name">The rule's old name; often the same.</param>
/// <param name="Check">The old default, in the policy language.</param>
/// <param name="Since">Release that deprecated it.</param>
public sealed record DeprecatedRule(string Name, string Check, string Since);

/// <summary>A rule with its default, declared beside the noun that it guards (oslo.policy's RuleDefault).</summary>
/// <param name="Name">Its name, <c>cyborg:device:get_all</c>.</param>
/// <param name="Check">Its default, in the policy language.</param>
/// <param name="Description">What it guards, in a sentence.</param>
/// <param name="Operations">The operations that it guards; empty for a base rule.</param>
public sealed record PolicyRule(string Name, string Check, string Description, IReadOnlyList<PolicyOperation> Operations)
{
    /// <summary>Its old default; null if it never had another.</summary>
    public DeprecatedRule? Deprecated { get; init; }

    /// <summary>What a token must be for: <c>project</c>, <c>domain</c>, <c>system</c>. Empty: not asked.</summary>
    public IReadOnlyList<string> ScopeTypes { get; init; } = [];

    /// <summary>Release that announced its removal; null if it stays.</summary>
    public string? ForRemovalSince { get; init; }
}
