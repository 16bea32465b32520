using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Cyborg.ApiRef.Tests;

/// <summary>Compares a sample with what the service says. A uuid of the sample stands for one of the service: for the same one wherever it is, and no two for
/// one. A date stands for any, and <c>updated_at</c> may be missing on one side: it depends on who was first.</summary>
internal sealed partial class Twins(string sampleBase, string actualBase)
{
    private readonly Dictionary<string, string> _actual = [];
    private readonly Dictionary<string, string> _sample = [];

    /// <summary>A text of a sample as the service is to get it.</summary>
    public string ToActual(string text) => Uuid()
        .Replace(text, uuid => _actual.GetValueOrDefault(uuid.Value, uuid.Value))
        .Replace(sampleBase, actualBase, StringComparison.Ordinal);

    /// <summary>Where the two differ; nothing if they are alike.</summary>
    public IEnumerable<string> Differences(JsonNode? sample, JsonNode? actual, string at = "$") => (sample, actual) switch
    {
        (JsonObject left, JsonObject right) => left.Select(pair => pair.Key).Union(right.Select(pair => pair.Key)).SelectMany(key =>
            left.ContainsKey(key) != right.ContainsKey(key) ? [$"{at}.{key}: is in the {(left.ContainsKey(key) ? "sample" : "answer")} alone"]
            : key == "updated_at" && (left[key] is null || right[key] is null) ? []
            : Differences(left[key], right[key], $"{at}.{key}")),
        (JsonArray left, JsonArray right) => left.Count == right.Count
            ? left.Zip(right).SelectMany((pair, i) => Differences(pair.First, pair.Second, $"{at}[{i}]"))
            : [$"{at}: {left.Count} in the sample, {right.Count} in the answer"],
        (JsonValue left, JsonValue right) when left.TryGetValue<string>(out var text) && right.TryGetValue<string>(out var other) =>
            Alike(text, other) ? [] : [$"{at}: {text} in the sample, {other} in the answer"],
        _ => JsonNode.DeepEquals(sample, actual) ? [] : [$"{at}: {sample?.ToJsonString() ?? "null"} in the sample, {actual?.ToJsonString() ?? "null"} in the answer"],
    };

    private bool Alike(string sample, string actual)
    {
        if (Date().IsMatch(sample) && Date().IsMatch(actual))
            return true;
        actual = actual.Replace(actualBase, sampleBase, StringComparison.Ordinal);
        return Uuid().Replace(sample, "U") == Uuid().Replace(actual, "U")
            && Uuid().Matches(sample).Zip(Uuid().Matches(actual)).All(pair => Same(pair.First.Value, pair.Second.Value));
    }

    private bool Same(string sample, string actual)
    {
        if (!_actual.ContainsKey(sample) && !_sample.ContainsKey(actual))
            (_actual[sample], _sample[actual]) = (actual, sample);
        return _actual.GetValueOrDefault(sample) == actual && _sample.GetValueOrDefault(actual) == sample;
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00\z")]
    private static partial Regex Date();
}
