using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Cyborg.Identity.Policy;

/// <summary>JSON as the values that rules are evaluated on; they print as Python's own reading of the same JSON would.</summary>
internal static class PolicyJson
{
    /// <summary>Deepest nesting.</summary>
    public const int MaxDepth = 200;

    /// <summary>A value: null, bool, string, long, <see cref="BigInteger"/>, double, list or map.</summary>
    public static object? Value(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => Number(json),
        JsonValueKind.Array => json.EnumerateArray().Select(Value).ToList(),
        _ => Map(json),
    };

    /// <summary>An object; of a name that stands there twice the last value counts.</summary>
    public static Dictionary<string, object?> Map(JsonElement json)
    {
        var map = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
            map[member.Name] = Value(member.Value);
        return map;
    }

    /// <summary>Rules by name: each a check as a text, or a list of texts and lists of texts.</summary>
    /// <exception cref="FormatException">One is something else.</exception>
    public static Dictionary<string, PolicyRuleText> Rules(JsonElement json)
    {
        var rules = new Dictionary<string, PolicyRuleText>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            rules[member.Name] = member.Value.ValueKind switch
            {
                JsonValueKind.String => member.Value.GetString()!,
                JsonValueKind.Array => new PolicyRuleText(null, [.. member.Value.EnumerateArray().Select(All)]),
                _ => throw new FormatException($"the rule '{PolicyRuleSet.Shown(member.Name)}' is neither a text nor a list"),
            };
            if (rules.Count > PolicySource.MaxRules)
                throw new FormatException($"there are more than {PolicySource.MaxRules} rules");
        }
        return rules;
    }

    private static IReadOnlyList<string> All(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => PolicyRuleText.Alone(json.GetString()!),
        // What is no text is no check, as if it stood there without its colon.
        JsonValueKind.Array => [.. json.EnumerateArray().Select(check => check.ValueKind == JsonValueKind.String ? check.GetString()! : "?")],
        _ => throw new FormatException("a list of checks has something else than texts and lists"),
    };

    private static object Number(JsonElement json)
    {
        if (json.TryGetInt64(out var number))
            return number;
        var text = json.GetRawText();
        return text.AsSpan().ContainsAny(".eE")
            ? double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)
            : BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }
}
