using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cyborg.E2E.Tests;

/// <summary>What a service has answered.</summary>
/// <param name="Question">Method and address.</param>
/// <param name="Status">Its status.</param>
/// <param name="Text">Its body.</param>
/// <param name="Headers">Its headers.</param>
internal sealed record Answer(string Question, HttpStatusCode Status, string Text, HttpResponseHeaders Headers)
{
    private const int Shown = 2000;

    /// <summary>The body.</summary>
    public JsonNode Json
    {
        get
        {
            try
            {
                return JsonNode.Parse(Text) ?? throw new InvalidOperationException($"null: {this}");
            }
            catch (JsonException)
            {
                throw new InvalidOperationException($"no JSON: {this}");
            }
        }
    }

    /// <summary>Fails the test, with the body, on any other status.</summary>
    public Answer Expect(params ReadOnlySpan<HttpStatusCode> wanted)
    {
        if (!wanted.Contains(Status)) Assert.Fail($"{string.Join(" or ", wanted.ToArray().Select(status => (int)status))} expected: {this}");
        return this;
    }

    public override string ToString() => $"{Question} -> {(int)Status} {(Text.Length > Shown ? Text[..Shown] + "..." : Text)}";
}
