using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Cyborg.Functional.Tests;

/// <summary>Values of one run of a transcript: <c>${name}</c> stands for one. <c>${random}</c> is new in each run, <c>${uuid:x}</c> is a new
/// uuid, the same for the same x; the others were captured from answers.</summary>
internal sealed partial class Variables
{
    private readonly Dictionary<string, JsonNode?> _values = new() { ["random"] = Guid.NewGuid().ToString("N")[..12] };

    public void Set(string name, JsonNode? value) => _values[name] = value?.DeepClone();

    public bool Knows(string name) => _values.ContainsKey(name);

    public string Fill(string text) => Reference().Replace(text, match => Get(match.Groups[1].Value)?.ToString() ?? "null");

    /// <summary>The node with every reference filled in; a text that is one reference only takes the value's own type.</summary>
    public JsonNode? Fill(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(Fill(pair.Key), Fill(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Fill)]),
        JsonValue value when value.TryGetValue<string>(out var text) => FillText(text),
        _ => node?.DeepClone(),
    };

    private JsonNode? FillText(string text) => Reference().Match(text) is { Success: true } match && match.Length == text.Length
        ? Get(match.Groups[1].Value)?.DeepClone()
        : JsonValue.Create(Fill(text));

    private JsonNode? Get(string name)
    {
        if (_values.TryGetValue(name, out var value))
            return value;
        if (!name.StartsWith("uuid:", StringComparison.Ordinal))
            throw new InvalidDataException($"Nothing has set ${{{name}}}; known are {string.Join(", ", _values.Keys.Order())}");
        return _values[name] = JsonValue.Create(Guid.NewGuid().ToString());
    }

    [GeneratedRegex(@"\$\{([^}]+)\}")]
    private static partial Regex Reference();
}
