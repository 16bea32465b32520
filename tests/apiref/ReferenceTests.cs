using System.Text.Json.Nodes;
using Cyborg.Api;

namespace Cyborg.ApiRef.Tests;

/// <summary>The reference against the route table, and against itself.</summary>
public sealed class ReferenceTests
{
    // What is answered before the route table is looked at.
    private static readonly string[] OutsideOfRoutes = ["/healthcheck", "/metrics"];

    // What the test's validator acts on. Another word would be passed over in silence.
    private static readonly string[] SchemaWords =
    [
        "type", "properties", "required", "additionalProperties", "items", "enum", "format", "pattern", "minimum", "maximum", "minLength", "maxLength",
        "minItems", "maxItems", "minProperties", "maxProperties", "allOf", "anyOf", "$ref", "contentSchema", "contentMediaType", "description", "readOnly",
        Reference.MinVersionKey,
    ];

    private readonly Reference _reference = new Contract().Reference;

    [Fact]
    public void Every_route_has_an_operation_and_every_operation_a_route()
    {
        var operations = _reference.Operations.Where(operation => !OutsideOfRoutes.Contains(operation.Path))
            .Select(operation => $"{operation.Method} {Shape(operation.Path)}");
        Assert.Equal(Routes.All.Select(route => $"{route.Method} {Shape(route.Path)}").Order(), operations.Order());
    }

    [Fact]
    public void Every_operation_names_the_rules_of_its_route()
    {
        foreach (var route in Routes.All)
        {
            var operation = _reference.Operations.Single(operation => operation.Method == route.Method && Shape(operation.Path) == Shape(route.Path));
            Assert.Equal(route.Policy is null ? [] : [route.Policy, .. route.OrPolicies], operation.Policies);
            Assert.Equal(route.Policy is null, operation.IsPublic);
        }
    }

    [Fact]
    public void Every_part_of_a_path_is_a_parameter() => Assert.All(_reference.Operations, operation => Assert.Equal(
        operation.Path.Split('/').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}')),
        operation.Parameters.Where(parameter => parameter["in"]!.ToString() == "path").Select(parameter => parameter["name"]!.ToString())));

    [Fact]
    public void Operations_have_names_of_their_own_and_stand_under_a_tag_that_is_described()
    {
        var tags = _reference.Root["tags"]!.AsArray().Select(tag => tag!["name"]!.ToString()).ToList();
        Assert.Equal(_reference.Operations.Count, _reference.Operations.Select(operation => operation.Id).Distinct().Count());
        Assert.All(_reference.Operations, operation => Assert.Contains(operation.Tag, tags));
        Assert.All(_reference.Operations, operation => Assert.NotEmpty(operation.Text("summary")));
    }

    [Fact]
    public void Every_reference_leads_somewhere_and_every_component_is_referred_to()
    {
        var references = Nodes(_reference.Root).OfType<JsonObject>().Select(node => node["$ref"]?.ToString()).OfType<string>().ToHashSet();
        Assert.All(references, reference => Assert.NotNull(_reference.Target(reference)));
        var components = _reference.Root["components"]!.AsObject().Where(kind => kind.Key != "securitySchemes")
            .SelectMany(kind => kind.Value!.AsObject().Select(component => $"#/components/{kind.Key}/{component.Key}"));
        // What is answered where no operation is.
        string[] alone = ["#/components/responses/NoSuchPath", "#/components/responses/MethodNotAllowed"];
        Assert.Equal(components.Except(alone).Order(), references.Order());
    }

    [Fact]
    public void Schemas_use_only_words_that_are_checked_and_every_field_is_described()
    {
        var schemas = _reference.Root["components"]!["schemas"]!.AsObject().SelectMany(schema => Below(schema.Value!)).ToList();
        Assert.All(schemas, schema => Assert.Empty(schema.Select(member => member.Key).Except(SchemaWords)));
        var fields = schemas.SelectMany(schema => schema["properties"] as JsonObject ?? []);
        Assert.Empty(fields.Where(field => field.Value!["description"] is null).Select(field => field.Value!.GetPath()));
    }

    // A schema and all schemas in it.
    private static IEnumerable<JsonObject> Below(JsonNode schema) =>
        new[] { schema["items"], schema["contentSchema"], schema["additionalProperties"] as JsonObject }
            .Concat((schema["properties"] as JsonObject ?? []).Select(property => property.Value))
            .Concat(schema["allOf"] as JsonArray ?? [])
            .Concat(schema["anyOf"] as JsonArray ?? [])
            .OfType<JsonNode>().SelectMany(Below).Prepend(schema.AsObject());

    private static IEnumerable<JsonNode> Nodes(JsonNode node) => node switch
    {
        JsonObject map => map.Where(member => member.Value is not null).SelectMany(member => Nodes(member.Value!)).Prepend(map),
        JsonArray list => list.OfType<JsonNode>().SelectMany(Nodes),
        _ => [],
    };

    private static string Shape(string path) => string.Join('/', path.Split('/').Select(part => part.StartsWith('{') ? "{}" : part));
}
