using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using WireMock;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;
using WireMock.Types;
using WireMock.Util;

namespace Cyborg.Conductor.Tests;

/// <summary>A request as Nova got it.</summary>
internal sealed record NovaRequest(string Path, string? Token, string? Microversion, bool HasLength, JsonNode? Body)
{
    public string Method { get; init; } = "POST";
}

/// <summary>A Nova behind Keystone on a free port, made with WireMock.Net, which answers what a test says.</summary>
internal sealed class WireMockNova : IAsyncDisposable
{
    private readonly ConcurrentQueue<NovaRequest> _journal = new();
    private readonly int _port;
    private WireMockServer? _server;

    public WireMockNova()
    {
        StartAgain();
        _port = _server!.Port;
    }

    /// <summary>Its endpoint in the catalog.</summary>
    public string Url => $"http://127.0.0.1:{_port}/v2.1";

    /// <summary>All requests with a token that it takes, oldest first.</summary>
    public IReadOnlyList<NovaRequest> Journal => [.. _journal];

    /// <summary>How many requests it refused for their token.</summary>
    public int Unauthorized { get; private set; }

    /// <summary>Which tokens it takes.</summary>
    public Func<string?, bool> TakesToken { get; set; } = _ => true;

    /// <summary>Status and body of an answer.</summary>
    public Func<NovaRequest, (int Status, string Body)> Answer { get; set; } = _ => (200, "");

    /// <summary>True to close connections instead of answering, once the request is taken.</summary>
    public bool Closes { get; set; }

    /// <summary>Never answers, as long as it is true.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Starts it again where it was.</summary>
    public void StartAgain()
    {
        _server = WireMockServer.Start(new WireMockServerSettings
        {
            Urls = [$"http://127.0.0.1:{_port}"],
            StartTimeout = 60_000,
            PreWireMockMiddlewareInit = app => ((IApplicationBuilder)app).Use(async (context, next) =>
            {
                if (Closes)
                    context.Abort();
                else if (IsSilent)
                    await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                else
                    await next(context);
            }),
        });
        _server.Given(Request.Create().UsingMethod("GET", "POST")).RespondWith(Response.Create().WithCallback(Handle));
    }

    /// <summary>Connections are refused until <see cref="StartAgain"/>.</summary>
    public void Stop()
    {
        _server?.Stop();
        _server?.Dispose();
        _server = null;
    }

    /// <summary>Nova's answer to events: its code for each, in order; the last one for all that follow.</summary>
    public static string Verdicts(NovaRequest request, params int[] codes)
    {
        var events = request.Body!["events"]!.AsArray();
        var verdicts = new JsonArray();
        for (var i = 0; i < events.Count; i++)
        {
            var code = codes[Math.Min(i, codes.Length - 1)];
            var verdict = (JsonObject)events[i]!.DeepClone();
            // Nova's own verdict, not an echo.
            verdict["status"] = code == 200 ? "completed" : "failed";
            verdict["code"] = code;
            verdicts.Add((JsonNode)verdict);
        }
        return new JsonObject { ["events"] = verdicts }.ToJsonString();
    }

    /// <summary>A server as Nova shows it to an administrator: the end of a boot that was interrupted, but for <paramref name="changes"/>.</summary>
    public static string Server(Guid server, params (string Name, JsonNode? Value)[] changes)
    {
        var shown = new JsonObject
        {
            ["id"] = server.ToString(),
            ["status"] = "ERROR",
            ["tenant_id"] = "a-project",
            ["OS-EXT-SRV-ATTR:host"] = "compute1",
            ["OS-EXT-STS:vm_state"] = "error",
            ["OS-EXT-STS:task_state"] = null,
            ["OS-EXT-STS:power_state"] = 0,
            ["OS-SRV-USG:launched_at"] = null,
        };
        foreach (var (name, value) in changes)
            shown[name] = value;
        return new JsonObject { ["server"] = shown }.ToJsonString();
    }

    /// <summary>Nova's words of a server that it does not have.</summary>
    public static string NoServer(Guid server) => Fault("itemNotFound", 404, $"Instance {server} could not be found.");

    /// <summary>An error body as Nova writes it.</summary>
    public static string Fault(string name, int code, string message) =>
        new JsonObject { [name] = new JsonObject { ["code"] = code, ["message"] = message } }.ToJsonString();

    public ValueTask DisposeAsync()
    {
        Stop();
        return ValueTask.CompletedTask;
    }

    private ResponseMessage Handle(IRequestMessage request)
    {
        var seen = new NovaRequest(
            request.Path, Header(request, "X-Auth-Token"), Header(request, "OpenStack-API-Version"), Header(request, "Content-Length") is not null,
            request.Body is { Length: > 0 } body ? JsonNode.Parse(body) : null)
        { Method = request.Method };
        if (!TakesToken(seen.Token))
        {
            Unauthorized++;
            return Reply(401, Fault("unauthorized", 401, "The request you have made requires authentication."));
        }
        _journal.Enqueue(seen);
        var (status, text) = Answer(seen);
        return Reply(status, text);
    }

    private static string? Header(IRequestMessage request, string name) =>
        request.Headers!.TryGetValue(name, out var values) ? values.FirstOrDefault() : null;

    private static ResponseMessage Reply(int status, string text)
    {
        var answer = new ResponseMessage { StatusCode = status, BodyData = new BodyData { DetectedBodyType = BodyType.String, BodyAsString = text } };
        answer.AddHeader("Content-Type", "application/json");
        return answer;
    }
}
