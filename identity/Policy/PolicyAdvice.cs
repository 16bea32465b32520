namespace Cyborg.Identity.Policy;

/// <summary>Something that an operator may want to know of a rule in a file.</summary>
/// <param name="Text">A line.</param>
/// <param name="IsUnknownRule">True if nothing asks for the rule.</param>
internal readonly record struct PolicyHint(string Text, bool IsUnknownRule = false);

/// <summary>Tells operators what in their files they could do without (oslo.policy warns of the same).</summary>
internal static class PolicyAdvice
{
    /// <summary>One line for each rule of a file that is the default anyway, is on its way out, or that nothing asks for.</summary>
    /// <param name="fromFile">Rules of files.</param>
    /// <param name="registered">Rules of code.</param>
    /// <param name="checks">All rules in effect.</param>
    /// <param name="defaultRule">The rule that stands for unknown ones.</param>
    /// <param name="withoutFile">What a registered rule would be if the file did not have it.</param>
    public static List<PolicyHint> Of(
        Dictionary<string, Check> fromFile,
        Dictionary<string, PolicyRule> registered,
        Dictionary<string, Check> checks,
        string defaultRule,
        Func<string, Check> withoutFile)
    {
        if (fromFile.Count == 0)
            return [];
        var wanted = checks.SelectMany(rule => PolicyReferences.Of(rule.Value).Where(name => name != rule.Key))
            .Concat(registered.Values.Select(rule => rule.Deprecated?.Name).OfType<string>())
            .Append(defaultRule)
            .ToHashSet(StringComparer.Ordinal);
        var advice = new List<PolicyHint>();
        foreach (var (name, check) in fromFile.OrderBy(rule => rule.Key, StringComparer.Ordinal))
        {
            var shown = PolicyRuleSet.Shown(name);
            if (!registered.TryGetValue(name, out var rule))
            {
                if (!wanted.Contains(name))
                    advice.Add(new($"{shown}: no such rule is known, and no other refers to it", IsUnknownRule: true));
                continue;
            }
            if (rule.ForRemovalSince is { } since)
                advice.Add(new($"{shown}: is deprecated for removal since {since}"));
            if (check.Print() == withoutFile(name).Print())
                advice.Add(new($"{shown}: is the same as the default; the file need not have it"));
        }
        return advice;
    }
}
