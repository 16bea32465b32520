using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Cyborg.Functional.Tests;

/// <summary>Compares what came with what was expected. Expected texts may be matchers: <c>&lt;uuid&gt;</c>, <c>&lt;date&gt;</c>, <c>&lt;text&gt;</c>,
/// <c>&lt;integer&gt;</c>, <c>&lt;any&gt;</c>, <c>&lt;absent&gt;</c> (of a key) or <c>/regular expression/</c>.</summary>
internal static partial class Matching
{
    /// <summary>Says where <paramref name="actual"/> is not as expected; nothing if it is. A partial match lets objects have more keys, and lists more items
    /// in any order.</summary>
    public static IEnumerable<string> Differences(JsonNode? expected, JsonNode? actual, bool partial, string at = "$") => expected switch
    {
        JsonObject map => OfObject(map, actual, partial, at),
        JsonArray list => OfList(list, actual, partial, at),
        JsonValue value when value.TryGetValue<string>(out var text) => OfText(text, actual, at),
        _ => JsonNode.DeepEquals(expected, actual) ? [] : [Said(at, expected, actual)],
    };

    public static bool IsText(string expected, string? actual) => expected switch
    {
        "<any>" => true,
        "<text>" => actual is { Length: > 0 },
        "<uuid>" => actual is not null && Uuid().IsMatch(actual),
        "<date>" => actual is not null && Date().IsMatch(actual),
        ['/', .. var regex, '/'] => actual is not null && Regex.IsMatch(actual, regex, RegexOptions.Singleline),
        _ => expected == actual,
    };

    private static IEnumerable<string> OfText(string expected, JsonNode? actual, string at)
    {
        var matches = expected switch
        {
            "<any>" => true,
            "<integer>" => actual is JsonValue number && number.GetValueKind() == JsonValueKind.Number
                && long.TryParse(number.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            _ => actual is JsonValue value && value.GetValueKind() == JsonValueKind.String && IsText(expected, value.GetValue<string>()),
        };
        return matches ? [] : [Said(at, expected, actual)];
    }

    private static List<string> OfObject(JsonObject expected, JsonNode? actual, bool partial, string at)
    {
        if (actual is not JsonObject map)
            return [Said(at, expected, actual)];
        var wrong = new List<string>();
        foreach (var (key, value) in expected)
        {
            var absent = value is JsonValue text && text.TryGetValue<string>(out var word) && word == "<absent>";
            if (absent != !map.ContainsKey(key))
                wrong.Add(absent ? $"{at}.{key}: must not be there" : $"{at}.{key}: is not there");
            else if (!absent)
                wrong.AddRange(Differences(value, map[key], partial, $"{at}.{key}"));
        }
        if (!partial)
            wrong.AddRange(map.Select(pair => pair.Key).Except(expected.Select(pair => pair.Key)).Select(key => $"{at}.{key}: was not expected"));
        return wrong;
    }

    private static IEnumerable<string> OfList(JsonArray expected, JsonNode? actual, bool partial, string at)
    {
        if (actual is not JsonArray list)
            return [Said(at, expected, actual)];
        if (partial)
            return expected.Where(item => !list.Any(other => !Differences(item, other, true).Any())).Select(item => $"{at}: no item is like {item?.ToJsonString()}");
        return expected.Count != list.Count
            ? [$"{at}: expected {expected.Count} items, got {list.Count}"]
            : expected.Zip(list).SelectMany((pair, i) => Differences(pair.First, pair.Second, false, $"{at}[{i}]"));
    }

    private static string Said(string at, object? expected, JsonNode? actual) =>
        $"{at}: expected {(expected as JsonNode)?.ToJsonString() ?? expected ?? "null"}, got {actual?.ToJsonString() ?? "null"}";

    [GeneratedRegex(@"\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00\z")]
    private static partial Regex Date();
}
