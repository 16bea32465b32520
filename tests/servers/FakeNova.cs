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

/// <summary>The part of Nova that hears when accelerators are bound, as Nova 26 behaves: <c>POST /v2.1/os-server-external-events</c> in microversion
/// 2.82. Real HTTP on a loopback port that stays the same over stop and start; a journal of everything that came.</summary>
public sealed class FakeNova : IAsyncDisposable
{
    private const string EventName = "accelerator-request-bound";
    private const string Microversion = "compute 2.82";

    private readonly ConcurrentQueue<NovaEvent> journal = new();
    private readonly ConcurrentDictionary<Guid, bool> servers = new();
    private readonly ConcurrentDictionary<(Guid Instance, Guid Arq, string Status), bool> accepted = new();
    private readonly SemaphoreSlim turn = new(1, 1);
    private WebApplication? app;
    private int port;

    private FakeNova()
    {
    }

    /// <summary>What <c>[nova] endpoint_override</c> would say.</summary>
    public string Endpoint => $"http://127.0.0.1:{port}/v2.1";

    /// <summary>Every event so far, oldest first.</summary>
    public IReadOnlyList<NovaEvent> Journal => [.. journal];

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
    public void Place(Guid instance, bool hasHost) => servers[instance] = hasHost;

    /// <summary>Removes a server: 404 from now on.</summary>
    public void Delete(Guid instance) => servers.TryRemove(instance, out _);

    /// <summary>True if Nova has taken this event with code 200.</summary>
    public bool Accepted(Guid instance, Guid arq, string status) => accepted.ContainsKey((instance, arq, status));

    /// <summary>Starts it again where it was.</summary>
    public async Task StartAsync()
    {
        await turn.WaitAsync();
        try
        {
            if (app is not null) return;
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.Services.AddRoutingCore();
            builder.Services.AddLogging(logging => logging.ClearProviders());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
            var made = builder.Build();
            made.MapPost("/v2.1/os-server-external-events", HandleAsync);
            await made.StartAsync();
            port = new Uri(made.Urls.First()).Port;
            app = made;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Stops it: connections are refused until <see cref="StartAsync"/>.</summary>
    public async Task StopAsync()
    {
        await turn.WaitAsync();
        try
        {
            if (app is null) return;
            using var hurry = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await app.StopAsync(hurry.Token);
            await app.DisposeAsync();
            app = null;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        turn.Dispose();
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
        var code = refused ?? (servers.TryGetValue(instance, out var hasHost), hasHost, KnowsAll) switch
        {
            (true, true, _) or (false, _, true) => 200,
            (true, false, _) => 422,
            _ => 404,
        };
        var name = sent["name"]!.GetValue<string>();
        if (name != EventName) throw new InvalidOperationException($"Nova knows no event {name}");
        var (tag, status) = (sent["tag"]!.GetValue<string>(), sent["status"]?.GetValue<string>() ?? "completed");
        var seen = new NovaEvent(DateTimeOffset.UtcNow, name, instance, tag, status, code);
        journal.Enqueue(seen);
        if (code == 200 && Guid.TryParse(seen.Tag, out var arq)) accepted[(instance, arq, seen.Status)] = true;
        return code;
    }
}
