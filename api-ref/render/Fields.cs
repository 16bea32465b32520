using System.Text.Json.Nodes;

namespace Cyborg.ApiRef;

/// <summary>A field of a body, as a row of a table.</summary>
/// <param name="Path">Where it is: <c>devices[].uuid</c>; empty for the begin of one of several alternatives.</param>
/// <param name="Type">What it is, in words.</param>
/// <param name="IsRequired">True if it is always there.</param>
/// <param name="MinVersion">First microversion that has it; null for all.</param>
/// <param name="Description">What it means.</param>
internal sealed record Field(string Path, string Type, bool IsRequired, string? MinVersion, string Description);

/// <summary>Lays a schema out as rows, the fields of a field's object below it. Pure.</summary>
internal sealed class Fields(Reference reference)
{
    /// <summary>The rows of a schema.</summary>
    public IEnumerable<Field> Of(JsonNode schema) => Below(schema, "", []);

    /// <summary>A schema's type in words.</summary>
    public string TypeOf(JsonNode schema)
    {
        var node = Whole(schema);
        if (node["anyOf"] is JsonArray any)
            return string.Join(" or ", any.Select(one => TypeOf(one!)).Distinct());
        var type = node["type"] switch
        {
            JsonArray several => string.Join(" or ", several),
            null => "any",
            var one => one.ToString(),
        };
        if (node["items"] is { } items && Whole(items)["properties"] is null)
            type = $"list of {TypeOf(items)}";
        else if (type == "array")
            type = "list";
        if (node["format"]?.ToString() is { } format)
            type = type.Replace("string", format == "date-time" ? "date" : format, StringComparison.Ordinal);
        return node["enum"] is JsonArray words ? $"{type}: {string.Join(", ", words.Where(word => word is not null).Select(Shown))}" : type;
    }

    // "allOf" with one schema is how a reference gets a description of its own.
    private JsonObject Whole(JsonNode schema)
    {
        var node = reference.Resolve(schema);
        if (node["allOf"] is not JsonArray all)
            return node;
        var whole = (JsonObject)Whole(all[0]!).DeepClone();
        foreach (var (key, value) in node.Where(pair => pair.Key != "allOf"))
            whole[key] = value?.DeepClone();
        return whole;
    }

    private IEnumerable<Field> Below(JsonNode schema, string path, IReadOnlyList<string> above)
    {
        var node = Whole(schema);
        if (node["anyOf"] is JsonArray any)
            return any.Count(one => HasFields(one!)) > 1 ? any.SelectMany((one, i) => Alternative(one!, i, path, above)) : any.SelectMany(one => Below(one!, path, above));
        if (node["items"] is { } items)
            return Below(items, path + "[]", above);
        if (node["properties"] is JsonObject properties)
            return properties.SelectMany(property => Rows(property.Key, property.Value!, node, path, above));
        return node["additionalProperties"] is JsonObject values && Whole(values) is { } value && (value["items"] ?? value["properties"]) is not null
            ? Below(values, Join(path, "{key}"), above)
            : [];
    }

    private IEnumerable<Field> Rows(string name, JsonNode schema, JsonObject parent, string path, IReadOnlyList<string> above)
    {
        var here = Join(path, name);
        var node = Whole(schema);
        var required = parent["required"]?.AsArray().Any(one => one!.ToString() == name) ?? false;
        var version = (schema[Reference.MinVersionKey] ?? parent[Reference.MinVersionKey])?.ToString();
        yield return new Field(here, TypeOf(schema), required, version, node["description"]?.ToString() ?? "");
        if (node["contentSchema"] is not null || above.Contains(name))
            yield break;
        foreach (var row in Below(schema, here, [.. above, name]))
            yield return row;
    }

    private bool HasFields(JsonNode schema) => Whole(schema)["properties"] is not null;

    // A row without a name tells that another alternative begins.
    private IEnumerable<Field> Alternative(JsonNode schema, int number, string path, IReadOnlyList<string> above)
    {
        var node = Whole(schema);
        return Below(schema, path, above).Prepend(
            new Field("", number == 0 ? "either" : "or", false, node[Reference.MinVersionKey]?.ToString(), node["description"]?.ToString() ?? ""));
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Shown(JsonNode? word) => word!.ToString() is { Length: > 0 } text ? text : "\"\"";
}
