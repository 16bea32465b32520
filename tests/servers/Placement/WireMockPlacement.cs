using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using WireMock;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;
using WireMock.Types;
using WireMock.Util;

namespace Cyborg.TestServers;

/// <summary>What a <see cref="WireMockPlacement"/> does to a request instead of, or before, answering it.</summary>
public enum PlacementTrouble
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>It closes the connection and does nothing.</summary>
    Closes,
    /// <summary>It does what was asked, and closes the connection before its answer.</summary>
    LosesAnswer,
    /// <summary>It never answers, until the caller goes.</summary>
    Silent,
}

/// <summary>A <see cref="FakePlacement"/> on a free loopback port, made with WireMock.Net. As under uWSGI bodies need a Content-Length. Tokens are taken
/// as they come, unless <see cref="Answer"/> says otherwise.</summary>
/// <remarks><code>
/// await using var keystone = WireMockKeystone.Start();
/// await using var placement = WireMockPlacement.Start();
/// keystone.AddService("placement", placement.Url);
/// placement.State.AddHost("compute1");
/// placement.Answer = (method, path) => method == "PUT" ? 503 : null;      // null: as Placement would
/// placement.Trouble = (method, path) => PlacementTrouble.Silent;
/// placement.Stop(); placement.StartAgain();                                // same port, same providers
/// </code></remarks>
public sealed class WireMockPlacement : IAsyncDisposable
{
    private readonly LoopbackPort _port = LoopbackPort.Take();
    private WireMockServer? _server;

    private WireMockPlacement()
    {
    }

    /// <summary>Its address.</summary>
    public string Url => $"http://127.0.0.1:{_port.Number}";

    /// <summary>What it knows.</summary>
    public FakePlacement State { get; } = new();

    /// <summary>Status that it answers to a method and path; null to answer as Placement would.</summary>
    public Func<string, string, int?> Answer { get; set; } = (_, _) => null;

    /// <summary>What goes wrong with a method and path.</summary>
    public Func<string, string, PlacementTrouble> Trouble { get; set; } = (_, _) => PlacementTrouble.None;

    /// <summary>Called after a request was handled and before it is answered.</summary>
    public Func<string, string, Task> Handled { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Starts one.</summary>
    public static WireMockPlacement Start()
    {
        var placement = new WireMockPlacement();
        placement.StartAgain();
        return placement;
    }

    /// <summary>Starts it again where it was.</summary>
    public void StartAgain()
    {
        _server = WireMockServer.Start(new WireMockServerSettings
        {
            Urls = [$"http://127.0.0.1:{_port.Number}"],
            StartTimeout = 60_000,
            MaxRequestLogCount = 0,
            PreWireMockMiddlewareInit = app => ((IApplicationBuilder)app).Use(TroubleAsync),
        });
        _server.Given(Request.Create().UsingAnyMethod()).RespondWith(Response.Create().WithCallback(RespondAsync));
    }

    /// <summary>Stops it: connections are refused until <see cref="StartAgain"/>.</summary>
    public void Stop()
    {
        _server?.Stop();
        _server?.Dispose();
        _server = null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Stop();
        _port.Dispose();
        return ValueTask.CompletedTask;
    }

    // Before WireMock: it cannot close a connection.
    private async Task TroubleAsync(HttpContext context, RequestDelegate next)
    {
        var (method, path) = (context.Request.Method, context.Request.Path.ToString());
        switch (Trouble(method, path))
        {
            case PlacementTrouble.Closes:
                context.Abort();
                return;
            case PlacementTrouble.Silent:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            case PlacementTrouble.LosesAnswer:
                context.Response.Body = Stream.Null;
                await next(context);
                context.Abort();
                return;
            default:
                await next(context);
                return;
        }
    }

    private async Task<IResponseMessage> RespondAsync(IRequestMessage request)
    {
        var uri = new Uri(request.Url);
        var reply = Answer(request.Method, uri.AbsolutePath) is { } status
            ? FakeReply.Error(status, "told to")
            : request.BodyAsBytes is { Length: > 0 } && !request.Headers!.ContainsKey("Content-Length")
                ? FakeReply.Error(400, "Malformed JSON")
                : State.Handle(request.Method, uri.PathAndQuery, request.BodyAsBytes is { Length: > 0 } body ? body : null, Version(request));
        await Handled(request.Method, uri.AbsolutePath);
        var answer = new ResponseMessage { StatusCode = reply.Status };
        if (reply.Body is not null)
        {
            answer.BodyData = new BodyData { DetectedBodyType = BodyType.Bytes, BodyAsBytes = JsonSerializer.SerializeToUtf8Bytes(reply.Body) };
            answer.AddHeader("Content-Type", "application/json");
        }
        return answer;
    }

    private static string? Version(IRequestMessage request) =>
        request.Headers!.TryGetValue("OpenStack-API-Version", out var values) ? values.FirstOrDefault() : null;
}
