using System.Text.Json.Nodes;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;

namespace Cyborg.Cli.Tests;

/// <summary>An API that answers what the test says, on a free loopback port.</summary>
internal sealed class FakeApi : IDisposable
{
    private readonly WireMockServer _server = WireMockServer.Start(new WireMockServerSettings { Urls = ["http://127.0.0.1:0"], StartTimeout = 60_000 });

    public string Url => $"http://127.0.0.1:{_server.Port}";

    /// <summary>What was asked: <c>METHOD PATH?QUERY BODY</c>.</summary>
    public IReadOnlyList<string> Asked =>
        [.. _server.LogEntries.Select(entry => entry.RequestMessage!).Select(request => $"{request.Method} {new Uri(request.Url).PathAndQuery} {request.Body}".TrimEnd())];

    /// <summary>A header of each request.</summary>
    public IReadOnlyList<string?> Headers(string name) => [.. _server.LogEntries.Select(entry =>
        entry.RequestMessage!.Headers!.TryGetValue(name, out var values) ? values.ToString() : null)];

    /// <summary>Answers a request, from now on.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="path">Its path, with the query that it has to have.</param>
    /// <param name="status">Status of the answer.</param>
    /// <param name="body">Body of the answer.</param>
    /// <param name="type">Its type.</param>
    /// <param name="headers">More headers of the answer.</param>
    public FakeApi Answers(string method, string path, int status, string body = "", string type = "application/json", params (string Name, string Value)[] headers)
    {
        var response = Response.Create().WithStatusCode(status).WithHeader("Content-Type", type).WithBody(body);
        foreach (var (name, value) in headers)
            response = response.WithHeader(name, value);
        // The one that wants a query wins over the one that does not care.
        _server.Given(Match(method, path)).AtPriority(path.Contains('?', StringComparison.Ordinal) ? 1 : 2).RespondWith(response);
        return this;
    }

    /// <summary>Answers the first request so, the second so, and so on; the last answer stays.</summary>
    public FakeApi AnswersInTurn(string method, string path, params (int Status, string Body)[] answers)
    {
        var scenario = $"{method} {path}";
        for (var i = 0; i < answers.Length; i++)
        {
            var given = _server.Given(Match(method, path)).InScenario(scenario);
            var at = i == 0 ? given : given.WhenStateIs($"{i}");
            if (i + 1 < answers.Length)
                at = at.WillSetStateTo($"{i + 1}");
            at.RespondWith(Response.Create().WithStatusCode(answers[i].Status).WithHeader("Content-Type", "application/json").WithBody(answers[i].Body));
        }
        return this;
    }

    /// <summary>The body of an error, as the API writes it.</summary>
    public static string Fault(string text) => new JsonObject
    {
        ["error_message"] = new JsonObject { ["faultcode"] = "Client", ["faultstring"] = text, ["debuginfo"] = null }.ToJsonString(),
    }.ToJsonString();

    public void Dispose() => _server.Dispose();

    private static IRequestBuilder Match(string method, string path)
    {
        var parts = path.Split('?', 2);
        var request = Request.Create().WithPath(parts[0]).UsingMethod(method);
        foreach (var argument in parts.Length < 2 ? [] : parts[1].Split('&'))
        {
            var pair = argument.Split('=', 2);
            request = request.WithParam(pair[0], Uri.UnescapeDataString(pair[1]));
        }
        return request;
    }
}
