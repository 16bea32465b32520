using System.Text.Json.Nodes;
using Cyborg.Api.Middleware;

namespace Cyborg.ApiRef.Tests;

/// <summary>The reference as something to compare exchanges with. Remembers what it has seen.</summary>
internal sealed class Contract
{
    // What the web server adds, or HTTP itself has.
    private static readonly string[] Plain = ["Date", "Server", "Content-Type", "Content-Length", "Connection", "Allow", "Transfer-Encoding", "Last-Modified", "Vary"];
    private readonly Dictionary<string, Schemas> _schemas = [];

    public Reference Reference { get; } = Reference.Load(Path.Combine(AppContext.BaseDirectory, "api-ref", "openapi.yaml"));

    /// <summary>Every field that an exchange had, by its path in the document.</summary>
    public HashSet<string> Fields { get; } = [];

    /// <summary>Every operation with a status that it was answered with.</summary>
    public HashSet<(string Operation, int Status)> Statuses { get; } = [];

    /// <summary>Every operation with an argument that it was asked with, successfully.</summary>
    public HashSet<(string Operation, string Argument)> Arguments { get; } = [];

    /// <summary>Every operation with a header that it was answered with.</summary>
    public HashSet<(string Operation, int Status, string Header)> Headers { get; } = [];

    /// <summary>The operation that a request means; null if there is none.</summary>
    public Operation? Find(string method, RequestPath path) => Reference.Operations
        .Where(operation => operation.Method == method && Fits(operation.Path, path.Path))
        .OrderBy(operation => operation.Path.Count(c => c == '{')).FirstOrDefault();

    /// <summary>What of an exchange is not as the reference says.</summary>
    public IEnumerable<string> Wrongs(Exchange exchange)
    {
        var operation = Find(exchange.Method, exchange.Path);
        // HTTP lets HEAD have no body; the reference has one operation of it.
        if (operation is null)
            return OfNoOperation(exchange);
        if (operation.Node["responses"]![$"{exchange.Status}"] is not { } listed)
            return [$"{operation} does not list {exchange.Status}"];
        Statuses.Add((operation.Id, exchange.Status));
        var schemas = SchemasOf(exchange);
        var wrongs = OfAnswer(exchange, schemas, Reference.Resolve(listed), operation).Select(wrong => $"{operation} {exchange.Status}: {wrong}");
        // What was looked for, and not found or not possible, was understood: its fields count as seen.
        IEnumerable<string> asked = exchange.Status is < 300 or 404 or 409 ? OfRequest(exchange, schemas, operation).ToList() : [];
        return exchange.Status < 300 ? wrongs.Concat(asked) : wrongs;
    }

    private IEnumerable<string> OfNoOperation(Exchange exchange)
    {
        var name = exchange.Status switch { 401 => "Unauthorized", 404 => "NoSuchPath", 405 => "MethodNotAllowed", 406 => "NotAcceptable", _ => null };
        if (name is null)
            return [$"there is no such operation, and it was answered {exchange.Status}"];
        var response = Reference.Root["components"]!["responses"]![name]!.AsObject();
        // Microversions are told below a version's path alone.
        if (!exchange.Path.IsV1 && !exchange.Path.IsV2)
            response = new JsonObject(response.Where(pair => pair.Key != "headers").Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));
        return OfAnswer(exchange, SchemasOf(exchange), response, null);
    }

    private IEnumerable<string> OfAnswer(Exchange exchange, Schemas schemas, JsonObject response, Operation? operation)
    {
        var headers = (response["headers"] as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => Reference.Resolve(pair.Value!));
        foreach (var (name, header) in headers)
        {
            if (exchange.Headers.TryGetValue(name, out var value))
            {
                foreach (var wrong in schemas.Wrongs(header["schema"]!, JsonValue.Create(value), new HashSet<string>()))
                    yield return $"header {name}: {wrong}";
                Headers.Add((operation?.Id ?? "", exchange.Status, name));
            }
            else if (header["required"]?.GetValue<bool>() == true)
                yield return $"header {name} is missing";
        }
        foreach (var name in operation is null ? [] : exchange.Headers.Keys.Except([.. headers.Keys, .. Plain], StringComparer.OrdinalIgnoreCase))
            yield return $"header {name} is not listed";
        foreach (var wrong in OfBody(exchange, schemas, response))
            yield return wrong;
    }

    private IEnumerable<string> OfBody(Exchange exchange, Schemas schemas, JsonObject response)
    {
        var type = exchange.Headers.TryGetValue("Content-Type", out var given) ? given.Split(';')[0] : null;
        if (exchange.Body.Length == 0)
            return response["content"] is null || exchange.Method == "HEAD" ? [] : ["the body is missing"];
        if (type is null || response["content"]?[type] is not { } content)
            return [$"a body of type {type ?? "?"} is not listed"];
        return type == "application/json" ? schemas.Wrongs(Own(schemas, content["schema"]!), JsonNode.Parse(exchange.Body), Fields) : [];
    }

    private IEnumerable<string> OfRequest(Exchange exchange, Schemas schemas, Operation operation)
    {
        var known = operation.Parameters.Where(parameter => parameter["in"]!.ToString() == "query").ToDictionary(parameter => parameter["name"]!.ToString());
        foreach (var argument in exchange.Arguments)
        {
            if (!known.TryGetValue(argument, out var parameter))
                yield return $"{operation}: argument {argument} is not listed";
            else if (parameter[Reference.MinVersionKey]?.ToString() is { } since && string.CompareOrdinal(since, exchange.Version) > 0)
                yield return $"{operation}: argument {argument} was taken before {since}";
            Arguments.Add((operation.Id, argument));
        }
        // What needs no body takes any.
        if (operation.Node["requestBody"]?["content"]!["application/json"]!["schema"] is { } schema && exchange.RequestBody.Length > 0)
        {
            foreach (var wrong in schemas.Wrongs(Own(schemas, schema), JsonNode.Parse(exchange.RequestBody), Fields))
                yield return $"{operation}: request: {wrong}";
        }
    }

    // The same place in the document of the exchange's microversion.
    private static JsonNode Own(Schemas schemas, JsonNode schema) => schema["$ref"] is { } reference ? schemas.Root.Target(reference.ToString()) : schema;

    private Schemas SchemasOf(Exchange exchange)
    {
        var version = exchange.Version ?? (exchange.Path.IsV1 ? "1.0" : "2.0");
        return _schemas.TryGetValue(version, out var known) ? known : _schemas[version] = Schemas.Of(Reference, version);
    }

    private static bool Fits(string template, string path)
    {
        var (expected, actual) = (template.Split('/'), path.Split('/'));
        return expected.Length == actual.Length && expected.Zip(actual).All(pair => pair.First == pair.Second || pair.First.StartsWith('{'));
    }
}
