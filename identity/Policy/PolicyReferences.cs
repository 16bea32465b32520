namespace Cyborg.Identity.Policy;

/// <summary>Looks at what rules refer to: names that do not exist are told, cycles are told and refused.</summary>
internal static class PolicyReferences
{
    /// <summary>Replaces each rule that is part of a cycle by one that denies, and adds to the problems.</summary>
    public static void Check(Dictionary<string, Check> checks, List<string> problems, string defaultRule)
    {
        var references = checks.ToDictionary(rule => rule.Key, rule => Resolve(rule.Key, rule.Value, checks, problems, defaultRule));
        foreach (var name in OnCycles(references).Order(StringComparer.Ordinal))
        {
            problems.Add($"{PolicyRuleSet.Shown(name)}: refers to itself, directly or through other rules; it denies");
            checks[name] = new RefusedCheck(checks[name].Print());
        }
    }

    /// <summary>The names of the rules that a check refers to.</summary>
    public static HashSet<string> Of(Check check)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        Collect(check, found);
        return found;
    }

    private static HashSet<string> Resolve(
        string name, Check check, Dictionary<string, Check> checks, List<string> problems, string defaultRule)
    {
        var found = Of(check);
        foreach (var unknown in found.Where(reference => !checks.ContainsKey(reference)).ToList())
        {
            var hasDefault = checks.ContainsKey(defaultRule);
            problems.Add($"{PolicyRuleSet.Shown(name)}: refers to the rule '{PolicyRuleSet.Shown(unknown)}', which does not exist; " +
                (hasDefault ? $"the rule '{PolicyRuleSet.Shown(defaultRule)}' stands for it" : "it denies"));
            found.Remove(unknown);
            if (hasDefault)
                found.Add(defaultRule);
        }
        return found;
    }

    private static void Collect(Check check, HashSet<string> found)
    {
        switch (check)
        {
            case RuleCheck rule:
                found.Add(rule.Name);
                break;
            case NotCheck not:
                Collect(not.Operand, found);
                break;
            case AndCheck { Operands: var operands }:
                foreach (var operand in operands)
                    Collect(operand, found);
                break;
            case OrCheck { Operands: var operands }:
                foreach (var operand in operands)
                    Collect(operand, found);
                break;
        }
    }

    /// <summary>Rules that refer to nothing are no part of a cycle, nor those to which nothing refers; what stays when both are taken away,
    /// again and again, are the cycles (and rules between two cycles). Linear in the number of references.</summary>
    private static HashSet<string> OnCycles(Dictionary<string, HashSet<string>> references)
    {
        var referrers = references.Keys.ToDictionary(name => name, _ => new HashSet<string>(StringComparer.Ordinal));
        foreach (var (name, targets) in references)
        {
            foreach (var target in targets)
                referrers[target].Add(name);
        }
        var left = references.Keys.ToHashSet(StringComparer.Ordinal);
        Prune(left, references, referrers);
        Prune(left, referrers, references);
        return left;
    }

    /// <summary>Takes away each name without a way onward among those left.</summary>
    private static void Prune(
        HashSet<string> left, Dictionary<string, HashSet<string>> onward, Dictionary<string, HashSet<string>> back)
    {
        var ways = left.ToDictionary(name => name, name => onward[name].Count(left.Contains));
        var ends = new Queue<string>(left.Where(name => ways[name] == 0));
        while (ends.TryDequeue(out var end))
        {
            left.Remove(end);
            foreach (var name in back[end].Where(left.Contains))
            {
                if (--ways[name] == 0)
                    ends.Enqueue(name);
            }
        }
    }
}
