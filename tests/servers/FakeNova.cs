using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cyborg.TestServers;

/// <summary>What happens to a request before Nova's own rules.</summary>
public enum NovaMood
{
    /// <summary>Nothing: Nova answers as it should.</summary>
    Well,
    /// <summary>It answers 500 and does nothing.</summary>
    ServerError,
    /// <summary>It closes the connection and does nothing.</summary>
    Refuses,
    /// <summary>It takes the events, and closes the connection before its answer.</summary>
    LosesAnswer,
}

/// <summary>One event as Nova got it.</summary>
/// <param name="At">When.</param>
/// <param name="Name">Such as <c>accelerator-request-bound</c>.</param>
/// <param name="Instance">Nova's server.</param>
/// <param name="Tag">The ARQ's uuid.</param>
/// <param name="Status">What the sender says: <c>completed</c> or <c>failed</c>.</param>
/// <param name="Code">Nova's verdict on it: 200, 404, 422, or 0 if it was refused unread (a 500, a closed connection).</param>
public sealed record NovaEvent(DateTimeOffset At, string Name, Guid Instance, string Tag, string Status, int Code);

/// <summary>A server action as Nova got it.</summary>
/// <param name="At">When.</param>
/// <param name="Server">The server.</param>
/// <param name="Name">Such as <c>acc-attach</c>.</param>
/// <param name="Arq">The ARQ that it names.</param>
/// <param name="Status">What Nova answered; 0 if it was refused unread.</param>
public sealed record NovaAction(DateTimeOffset At, Guid Server, string Name, Guid Arq, int Status);

/// <summary>The part of Nova that hears when accelerators are bound, as Nova 26 behaves: <c>POST /v2.1/os-server-external-events</c> in microversion
/// 2.82; and the server actions <c>acc-attach</c> and <c>acc-detach</c>, which a later one is to have. Real HTTP on a loopback port that stays the same over stop and start; a journal of everything that came.</summary>
public sealed class FakeNova : IAsyncDisposable
{
    private const string EventName = "accelerator-request-bound";
    private const string Microversion = "compute 2.82";

    private readonly ConcurrentQueue<NovaEvent> _journal = new();
    private readonly ConcurrentQueue<NovaAction> _actions = new();
    private readonly ConcurrentDictionary<string, NovaAction> _records = new();
    private readonly ConcurrentDictionary<Guid, bool> _servers = new();
    private readonly ConcurrentDictionary<Guid, string> _projects = new();
    private readonly ConcurrentDictionary<(Guid Instance, Guid Arq, string Status), bool> _accepted = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly LoopbackPort _port = LoopbackPort.Take();
    private WebApplication? _app;

    private FakeNova()
    {
    }

    /// <summary>What <c>[nova] endpoint_override</c> would say.</summary>
    public string Endpoint => $"http://127.0.0.1:{_port.Number}/v2.1";

    /// <summary>Every event so far, oldest first.</summary>
    public IReadOnlyList<NovaEvent> Journal => [.. _journal];

    /// <summary>Every server action so far, oldest first.</summary>
    public IReadOnlyList<NovaAction> Actions => [.. _actions];

    /// <summary>False for a Nova of today, which knows no action for accelerators.</summary>
    public bool HasActions { get; set; } = true;

    /// <summary>How requests go.</summary>
    public NovaMood Mood { get; set; }

    /// <summary>How long Nova thinks before it takes an event.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>What becomes of events for servers that <see cref="Place"/> does not know: 404 if false.</summary>
    public bool KnowsAll { get; set; }

    /// <summary>Starts it on a free port.</summary>
    public static async Task<FakeNova> StartNewAsync()
    {
        var nova = new FakeNova();
        await nova.StartAsync();
        return nova;
    }

    /// <summary>Makes a server known, without a host at first (422) or with one (200).</summary>
    /// <param name="instance">The server.</param>
    /// <param name="hasHost">True if it has a host.</param>
    /// <param name="project">Whose it is; null for nobody's.</param>
    public void Place(Guid instance, bool hasHost, string? project = null)
    {
        _projects[instance] = project ?? "";
        _servers[instance] = hasHost;
    }

    /// <summary>Removes a server: 404 from now on.</summary>
    public void Delete(Guid instance) => _servers.TryRemove(instance, out _);

    /// <summary>True if Nova has taken this event with code 200.</summary>
    public bool Accepted(Guid instance, Guid arq, string status) => _accepted.ContainsKey((instance, arq, status));

    /// <summary>Starts it again where it was.</summary>
    public async Task StartAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (_app is not null) return;
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.Services.AddRoutingCore();
            builder.Services.AddLogging(logging => logging.ClearProviders());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port.Number));
            var made = builder.Build();
            made.MapPost("/v2.1/os-server-external-events", HandleAsync);
            made.MapPost("/v2.1/servers/{server}/action", ActAsync);
            made.MapGet("/v2.1/servers/{server}", ShowAsync);
            made.MapGet("/v2.1/servers/{server}/os-instance-actions/{record}", ShowRecordAsync);
            await made.StartAsync();
            _app = made;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Stops it: connections are refused until <see cref="StartAsync"/>.</summary>
    public async Task StopAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (_app is null) return;
            using var hurry = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await _app.StopAsync(hurry.Token);
            await _app.DisposeAsync();
            _app = null;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _port.Dispose();
        _turn.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        // As its peers under uWSGI do: a body of unknown length is refused.
        if (context.Request.ContentLength is null || !AsksMicroversion(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var mood = Mood;
        if (Delay is var delay && delay > TimeSpan.Zero) await Task.Delay(delay, context.RequestAborted);
        if (body?["events"] is not JsonArray { Count: > 0 } events)
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        else if (mood is NovaMood.ServerError or NovaMood.Refuses)
            await RefuseAsync(context, mood, events);
        else
            await TakeAsync(context, mood, events);
    }

    private async Task ActAsync(HttpContext context)
    {
        var server = Guid.Parse((string)context.Request.RouteValues["server"]!);
        var body = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!.AsObject().Single();
        var mood = Mood;
        if (Delay is var delay && delay > TimeSpan.Zero) await Task.Delay(delay, context.RequestAborted);
        var status = mood is NovaMood.ServerError or NovaMood.Refuses ? 0
            : !KnowsAll && !_servers.ContainsKey(server) ? 404
            : HasActions ? 202 : 400;
        var done = new NovaAction(DateTimeOffset.UtcNow, server, body.Key, Guid.Parse((string)body.Value!["accelerator_request_uuid"]!), status);
        _actions.Enqueue(done);
        if (mood is NovaMood.Refuses or NovaMood.LosesAnswer)
        {
            context.Abort();
            return;
        }
        var id = $"req-{Guid.NewGuid()}";
        if (status == 202)
            _records[id] = done;
        context.Response.Headers["x-openstack-request-id"] = id;
        context.Response.StatusCode = status == 0 ? StatusCodes.Status500InternalServerError : status;
        if (status is 404)
            await context.Response.WriteAsJsonAsync(Fault("itemNotFound", 404, $"Instance {server} could not be found."));
        else if (status is 400)
            await context.Response.WriteAsJsonAsync(Fault("badRequest", 400, $"There is no such action: {body.Key}"));
        else if (status is 0)
            await context.Response.WriteAsJsonAsync(Fault("computeFault", 500, "Unexpected API Error."));
    }

    private Task ShowAsync(HttpContext context)
    {
        var server = Guid.Parse((string)context.Request.RouteValues["server"]!);
        if (!_servers.ContainsKey(server))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return context.Response.WriteAsJsonAsync(Fault("itemNotFound", 404, $"Instance {server} could not be found."));
        }
        var shown = new JsonObject
        {
            ["id"] = server.ToString(),
            ["status"] = "ACTIVE",
            ["tenant_id"] = _projects[server],
            ["OS-EXT-STS:vm_state"] = "active",
            ["OS-EXT-STS:task_state"] = null,
            ["OS-EXT-STS:power_state"] = 1,
            ["OS-SRV-USG:launched_at"] = "2026-01-01T00:00:00.000000",
        };
        return context.Response.WriteAsJsonAsync(new JsonObject { ["server"] = shown });
    }

    // What it has taken it has done.
    private Task ShowRecordAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["record"]!;
        if (!_records.TryGetValue(id, out var done))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return context.Response.WriteAsJsonAsync(Fault("itemNotFound", 404, $"Action for request_id {id} on instance {context.Request.RouteValues["server"]} not found"));
        }
        var events = new JsonArray(new JsonObject { ["event"] = $"compute_{done.Name}", ["result"] = "Success", ["finish_time"] = $"{done.At:yyyy-MM-ddTHH:mm:ss.ffffff}" });
        return context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["instanceAction"] = new JsonObject { ["action"] = done.Name, ["request_id"] = id, ["message"] = null, ["events"] = events },
        });
    }

    private static JsonObject Fault(string name, int code, string message) =>
        new() { [name] = new JsonObject { ["code"] = code, ["message"] = message } };

    private static bool AsksMicroversion(HttpRequest request) =>
        request.Headers["OpenStack-API-Version"] == Microversion || request.Headers["X-OpenStack-Nova-API-Version"] == "2.82";

    private Task RefuseAsync(HttpContext context, NovaMood mood, JsonArray events)
    {
        foreach (var one in events) Note(one!, 0);
        if (mood == NovaMood.Refuses)
        {
            context.Abort();
            return Task.CompletedTask;
        }
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        return context.Response.WriteAsJsonAsync(new JsonObject { ["computeFault"] = new JsonObject { ["code"] = 500, ["message"] = "Unexpected API Error." } });
    }

    private Task TakeAsync(HttpContext context, NovaMood mood, JsonArray events)
    {
        var verdicts = new JsonArray();
        var codes = new List<int>();
        foreach (var one in events)
        {
            var code = Note(one!, null);
            codes.Add(code);
            var verdict = (JsonObject)one!.DeepClone();
            // Nova's status is its own verdict, not an echo of what was sent.
            verdict["status"] = code == 200 ? "completed" : "failed";
            verdict["code"] = code;
            verdicts.Add((JsonNode)verdict);
        }
        if (mood == NovaMood.LosesAnswer)
        {
            context.Abort();
            return Task.CompletedTask;
        }
        if (codes.TrueForAll(code => code == 404))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return context.Response.WriteAsJsonAsync(new JsonObject { ["itemNotFound"] = new JsonObject { ["code"] = 404, ["message"] = "No instances found for any event" } });
        }
        context.Response.StatusCode = codes.TrueForAll(code => code == 200) ? StatusCodes.Status200OK : StatusCodes.Status207MultiStatus;
        return context.Response.WriteAsJsonAsync(new JsonObject { ["events"] = verdicts });
    }

    private int Note(JsonNode sent, int? refused)
    {
        var instance = Guid.Parse(sent["server_uuid"]!.GetValue<string>());
        var code = refused ?? (_servers.TryGetValue(instance, out var hasHost), hasHost, KnowsAll) switch
        {
            (true, true, _) or (false, _, true) => 200,
            (true, false, _) => 422,
            _ => 404,
        };
        var name = sent["name"]!.GetValue<string>();
        if (name != EventName) throw new InvalidOperationException($"Nova knows no event {name}");
        var (tag, status) = (sent["tag"]!.GetValue<string>(), sent["status"]?.GetValue<string>() ?? "completed");
        var seen = new NovaEvent(DateTimeOffset.UtcNow, name, instance, tag, status, code);
        _journal.Enqueue(seen);
        if (code == 200 && Guid.TryParse(seen.Tag, out var arq)) _accepted[(instance, arq, seen.Status)] = true;
        return code;
    }
}
