using System.Text.Json.Nodes;

namespace Cyborg.ApiRef;

/// <summary>One thing that a client can ask for.</summary>
/// <param name="Method">Method, in capitals.</param>
/// <param name="Path">Path, with its parts in braces.</param>
/// <param name="Node">What the document says of it.</param>
/// <param name="Parameters">Its parameters and its path's, references followed.</param>
internal sealed record Operation(string Method, string Path, JsonObject Node, IReadOnlyList<JsonObject> Parameters)
{
    /// <summary>Its unique name.</summary>
    public string Id => Text("operationId");

    /// <summary>The part of the page that it stands in.</summary>
    public string Tag => Node["tags"]!.AsArray()[0]!.ToString();

    /// <summary>The rules of which one lets a caller in; none for what everybody may see.</summary>
    public IReadOnlyList<string> Policies => [.. Node["x-openstack-policy"]?.AsArray().Select(rule => rule!.ToString()) ?? []];

    /// <summary>True if it needs no token.</summary>
    public bool IsPublic => Node["security"] is JsonArray { Count: 0 };

    /// <summary>First microversion that has it; null for all of its major version.</summary>
    public string? MinVersion => Node[Reference.MinVersionKey]?.ToString();

    /// <summary>A text of it; empty if it has none.</summary>
    public string Text(string key) => Node[key]?.ToString() ?? "";

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>The API reference: an OpenAPI 3.1 document, of which it uses what openapi.yaml uses.</summary>
internal sealed class Reference
{
    /// <summary>The first microversion of something.</summary>
    public const string MinVersionKey = "x-openstack-min-version";

    private static readonly string[] Methods = ["get", "head", "post", "put", "patch", "delete"];

    /// <summary>Takes a document.</summary>
    /// <exception cref="InvalidDataException">A reference leads nowhere, or a path has something unknown.</exception>
    public Reference(JsonObject root)
    {
        Root = root;
        Operations = [.. Root["paths"]!.AsObject().SelectMany(path => OperationsOf(path.Key, path.Value!.AsObject()))];
    }

    /// <summary>The document.</summary>
    public JsonObject Root { get; }

    /// <summary>Every operation, in the document's order.</summary>
    public IReadOnlyList<Operation> Operations { get; }

    /// <summary>Reads the document.</summary>
    /// <exception cref="InvalidDataException">It is no such document.</exception>
    public static Reference Load(string path) => new(YamlText.Load(path));

    /// <summary>The thing itself, if the node refers to one: what stands beside the reference counts more than what it leads to.</summary>
    /// <exception cref="InvalidDataException">The reference leads nowhere.</exception>
    public JsonObject Resolve(JsonNode node)
    {
        if (node["$ref"] is not { } reference)
            return node.AsObject();
        var target = (JsonObject)Target(reference.ToString()).DeepClone();
        foreach (var (key, value) in node.AsObject().Where(pair => pair.Key != "$ref"))
            target[key] = value?.DeepClone();
        return target;
    }

    /// <summary>What a reference leads to.</summary>
    /// <exception cref="InvalidDataException">Nothing is there.</exception>
    public JsonNode Target(string reference)
    {
        JsonNode? node = Root;
        foreach (var part in reference.Split('/').Skip(1))
            node = node?[part];
        return node ?? throw new InvalidDataException($"{reference} leads nowhere");
    }

    private IEnumerable<Operation> OperationsOf(string path, JsonObject item)
    {
        if (item.Select(pair => pair.Key).Except([.. Methods, "parameters"]).FirstOrDefault() is { } unknown)
            throw new InvalidDataException($"{path}: unknown key '{unknown}'");
        var common = Parameters(item);
        return Methods.Where(item.ContainsKey).Select(method =>
        {
            var node = item[method]!.AsObject();
            return new Operation(method.ToUpperInvariant(), path, node, [.. common, .. Parameters(node)]);
        });
    }

    private List<JsonObject> Parameters(JsonObject node) => [.. node["parameters"]?.AsArray().Select(parameter => Resolve(parameter!)) ?? []];
}
