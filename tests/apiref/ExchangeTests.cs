using System.Text.Json.Nodes;

namespace Cyborg.ApiRef.Tests;

/// <summary>The reference against the running service, in both directions: nothing is answered that it does not say, and it says nothing that is not
/// answered.</summary>
public sealed class ExchangeTests(Dialogue dialogue) : IClassFixture<Dialogue>
{
    private readonly Contract _contract = dialogue.Contract;

    [Fact]
    public void Every_exchange_is_as_the_reference_says() => Nothing(dialogue.Wrongs);

    [Fact]
    public void The_transcript_beside_this_is_played_as_written() => Assert.Equal("", dialogue.Own);

    [Fact]
    public void Every_status_is_answered() => Nothing(_contract.Reference.Operations
        .SelectMany(operation => operation.Node["responses"]!.AsObject()
            .Where(response => !_contract.Statuses.Contains((operation.Id, int.Parse(response.Key, System.Globalization.CultureInfo.InvariantCulture))))
            .Select(response => $"{operation} {response.Key}")));

    [Fact]
    public void Every_field_is_there_in_some_exchange()
    {
        var fields = Properties(_contract.Reference.Root["components"]!["schemas"]!)
            .Where(property => property["readOnly"] is null)
            .Select(property => property.GetPath());
        Nothing(fields.Except(_contract.Fields));
    }

    [Fact]
    public void Every_argument_is_taken() => Nothing(_contract.Reference.Operations
        .SelectMany(operation => operation.Parameters.Where(parameter => parameter["in"]!.ToString() == "query")
            .Where(parameter => !_contract.Arguments.Contains((operation.Id, parameter["name"]!.ToString())))
            .Select(parameter => $"{operation} {parameter["name"]}")));

    [Fact]
    public void Every_header_is_there_in_some_answer() => Nothing(_contract.Reference.Operations
        .SelectMany(operation => operation.Node["responses"]!.AsObject()
            .SelectMany(response => _contract.Reference.Resolve(response.Value!)["headers"]!.AsObject().Select(header => (Status: response.Key, header.Key))))
        .Select(header => header.Key).Distinct()
        // A service with Keystone says it; this one has none (tests/functional/Keystone).
        .Except(["WWW-Authenticate"])
        .Except(_contract.Headers.Select(header => header.Header)));

    private static void Nothing(IEnumerable<string> wrongs)
    {
        var all = wrongs.ToList();
        Assert.True(all.Count == 0, $"{all.Count}:\n{string.Join('\n', all.Take(60))}");
    }

    private static IEnumerable<JsonNode> Properties(JsonNode node) => node switch
    {
        JsonObject map => (map["properties"] as JsonObject ?? []).Select(property => property.Value!)
            .Concat(map.Where(member => member.Value is not null).SelectMany(member => Properties(member.Value!))),
        JsonArray list => list.OfType<JsonNode>().SelectMany(Properties),
        _ => [],
    };
}
