using System.Text;
using System.Text.Json;

namespace Cyborg.Identity.Policy;

/// <summary>A policy file of all rules with their defaults, commented out. Taking away the first <c>#</c> of each line makes it a file that
/// changes nothing, as long as <c>enforce_new_defaults</c> stays what it was when the sample was made: a rule of a file has no old default
/// beside it, so the sample writes both where both count.</summary>
public static class PolicySample
{
    private const int Width = 100;

    /// <summary>Writes the sample.</summary>
    /// <param name="rules">All rules.</param>
    /// <param name="enforceNewDefaults">True for defaults without the deprecated ones beside them.</param>
    public static string Of(IEnumerable<PolicyRule> rules, bool enforceNewDefaults)
    {
        var text = new StringBuilder();
        Comment(text, "Policy of Cyborg. A rule that is not in this file, or is commented out, has its default.");
        Comment(text, enforceNewDefaults
            ? "These are the defaults with [oslo_policy] enforce_new_defaults = true."
            : "These are the defaults with [oslo_policy] enforce_new_defaults = false: a deprecated default also lets callers in, and what "
                + "stands here says so with \"or\".");
        foreach (var rule in rules)
            Rule(text.Append('\n'), rule, enforceNewDefaults);
        return text.ToString();
    }

    /// <summary>A text as YAML and JSON quote it.</summary>
    internal static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private static void Rule(StringBuilder text, PolicyRule rule, bool enforceNewDefaults)
    {
        Comment(text, rule.Description);
        foreach (var operation in rule.Operations)
            text.Append($"## {operation.Method}  {operation.Path}\n");
        if (rule.ScopeTypes.Count > 0)
            text.Append($"## Scope of the token: {string.Join(", ", rule.ScopeTypes)}\n");
        if (rule.ForRemovalSince is { } since)
            Comment(text, $"Deprecated for removal since {since}.");
        if (rule.Deprecated is { } old)
        {
            Comment(text, $"Deprecated since {old.Since}: {Quoted(old.Check)}. "
                + $"With enforce_new_defaults = true only {Quoted(rule.Check)} counts.");
        }
        text.Append($"#{Quoted(rule.Name)}: {Quoted(PolicyRuleSet.DefaultOf(rule, enforceNewDefaults))}\n");
    }

    /// <summary>A sentence in lines of a bounded width, which stay comments when one <c>#</c> is taken away.</summary>
    private static void Comment(StringBuilder text, string sentence)
    {
        var line = new StringBuilder("##");
        foreach (var word in sentence.Split(' '))
        {
            if (line.Length + word.Length >= Width)
            {
                text.Append(line).Append('\n');
                line.Clear().Append("##");
            }
            line.Append(' ').Append(word);
        }
        text.Append(line).Append('\n');
    }
}
