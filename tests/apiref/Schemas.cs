using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using NJsonSchema;

namespace Cyborg.ApiRef.Tests;

/// <summary>The reference's schemas as one microversion has them: what is newer is taken out, and, because no object may have more than it says, must then
/// not be there.</summary>
internal sealed class Schemas
{
    private readonly JsonObject _components;
    private readonly ConcurrentDictionary<string, JsonSchema> _read = new();

    private Schemas(Reference reference, string version)
    {
        var root = (JsonObject)reference.Root.DeepClone();
        Root = new Reference(root);
        _components = root["components"]!["schemas"]!.AsObject();
        Prune(root, version);
    }

    /// <summary>The whole document, pruned.</summary>
    public Reference Root { get; }

    public static Schemas Of(Reference reference, string version) => new(reference, version);

    /// <summary>What is wrong with a value; nothing if it is as the schema says. Notes each field of the document that the value has in
    /// <paramref name="seen"/>, by the path of its schema.</summary>
    public IEnumerable<string> Wrongs(JsonNode schema, JsonNode? value, ISet<string> seen)
    {
        var wrongs = Read(schema).Validate(value?.ToJsonString() ?? "null").Select(error => error.ToString()).ToList();
        return wrongs.Count > 0 ? wrongs : Note(schema, value, seen);
    }

    // Goes along the schema with a value that it allows: fields are noted, and texts that are JSON once more are looked into.
    private IEnumerable<string> Note(JsonNode schema, JsonNode? value, ISet<string> seen)
    {
        if (schema["$ref"] is { } reference)
            return Note(Root.Target(reference.ToString()), value, seen);
        var wrongs = new List<string>();
        foreach (var part in schema["allOf"]?.AsArray() ?? [])
            wrongs.AddRange(Note(part!, value, seen));
        if (schema["anyOf"] is JsonArray any)
            wrongs.AddRange(OfAny(any, value, seen));
        if (schema["contentSchema"] is { } inner)
            wrongs.AddRange(Inside(inner, value!.ToString(), seen));
        if (value is JsonArray list && schema["items"] is { } items)
            wrongs.AddRange(list.SelectMany(item => Note(items, item, seen)));
        if (value is JsonObject map)
            wrongs.AddRange(map.SelectMany(member => Member(schema, member.Key, member.Value, seen)));
        return wrongs;
    }

    private IEnumerable<string> OfAny(JsonArray any, JsonNode? value, ISet<string> seen)
    {
        List<string> wrongs = [];
        foreach (var one in any)
        {
            var tried = new HashSet<string>();
            wrongs = [.. Wrongs(one!, value, tried)];
            if (wrongs.Count > 0)
                continue;
            seen.UnionWith(tried);
            return [];
        }
        return wrongs;
    }

    private IEnumerable<string> Member(JsonNode schema, string name, JsonNode? value, ISet<string> seen)
    {
        if (schema["properties"]?[name] is { } property)
        {
            seen.Add(property.GetPath());
            return Note(property, value, seen);
        }
        return schema["additionalProperties"] is JsonObject other ? Note(other, value, seen) : [];
    }

    private IEnumerable<string> Inside(JsonNode schema, string text, ISet<string> seen)
    {
        try
        {
            return Wrongs(schema, JsonNode.Parse(text), seen);
        }
        catch (JsonException)
        {
            return [$"no JSON inside: {text}"];
        }
    }

    private JsonSchema Read(JsonNode schema) => _read.GetOrAdd(schema.ToJsonString(), text =>
    {
        // NJsonSchema knows references within its own document.
        var whole = new JsonObject { ["definitions"] = _components.DeepClone(), ["allOf"] = new JsonArray(JsonNode.Parse(text)) };
        return JsonSchema.FromJsonAsync(whole.ToJsonString().Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal)).GetAwaiter().GetResult();
    });

    private void Prune(JsonNode node, string version)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list.Where(item => item is not null && IsNewer(item, version)).ToList())
                list.Remove(item);
            foreach (var item in list.OfType<JsonNode>())
                Prune(item, version);
        }
        if (node is not JsonObject map)
            return;
        foreach (var name in map.Where(member => member.Value is JsonObject value && IsNewer(value, version)).Select(member => member.Key).ToList())
        {
            // Alternatives of their own stay: nothing refers to them any more.
            if (ReferenceEquals(map, _components))
                continue;
            map.Remove(name);
            if (map.Parent?["required"] is JsonArray required && required.FirstOrDefault(word => word!.ToString() == name) is { } word)
                required.Remove(word);
        }
        foreach (var member in map.ToList().Where(member => member.Value is not null))
            Prune(member.Value!, version);
    }

    private bool IsNewer(JsonNode node, string version)
    {
        if (node is not JsonObject map)
            return false;
        var since = (map[Reference.MinVersionKey] ?? (map["$ref"] is { } reference ? Root.Target(reference.ToString())[Reference.MinVersionKey] : null))?.ToString();
        return since is not null && since[0] == version[0] && string.CompareOrdinal(since, version) > 0;
    }
}
