using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace Cyborg.Crash.Tests;

/// <summary>How a call went.</summary>
internal enum Outcome
{
    /// <summary>The service says that it is done.</summary>
    Done,
    /// <summary>The service says that the ARQ is not where that could be done (409, 404).</summary>
    Impossible,
    /// <summary>No answer, or the service says that it does not know.</summary>
    Unknown,
    /// <summary>It surely was not begun: nobody listened, or the service refused for another honest reason.</summary>
    NotDone,
    /// <summary>An answer that no honest service gives.</summary>
    Wrong,
}

/// <summary>What was answered.</summary>
/// <param name="Outcome">What it means.</param>
/// <param name="Status">HTTP status; 0 for none.</param>
/// <param name="Text">Body or error.</param>
internal sealed record Answer(Outcome Outcome, int Status, string Text);

/// <summary>An ARQ as it was seen.</summary>
internal sealed record SeenArq(Guid Uuid, string State, Guid? Instance, string? Handle)
{
    /// <summary>Where a client may say that it is; null for a state that there should not be.</summary>
    public Place? Place => State switch
    {
        "Initial" => Tests.Place.Initial,
        "BindStarted" or "Bound" or "BindFailed" when Instance is { } instance => Tests.Place.Started(instance),
        "Unbound" => Tests.Place.Unbound,
        _ => null,
    };
}

/// <summary>Speaks v2 as Nova does, and sorts answers. One call at a time.</summary>
internal sealed class ArqClient : IDisposable
{
    private readonly IReadOnlyList<Uri> _apis;
    private readonly Random _random;
    private readonly HttpClient _http;
    private int _connects;

    public ArqClient(IReadOnlyList<Uri> apis, Random random)
    {
        (_apis, _random) = (apis, random);
        // A connection for each call, and counted: when one breaks, the handler sends a call without a body again by itself and shows only how the
        // second try went.
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, ConnectCallback = ConnectAsync };
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(20) };
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Makes a profile of one FPGA or more, that run an image.</summary>
    public Task<Answer> CreateProfileAsync(string name, int fpgas, Guid image, CancellationToken stop)
    {
        Dictionary<string, string>[] groups = [new() { ["resources:FPGA"] = $"{fpgas}", ["accel:bitstream_id"] = $"{image}" }];
        return SendAsync(HttpMethod.Post, "v2/device_profiles", new object[] { new { name, groups } }, stop);
    }

    /// <summary>Makes ARQs; gives their uuids if it is known to be done.</summary>
    public async Task<(Answer Answer, IReadOnlyList<Guid> Arqs)> CreateAsync(string profile, CancellationToken stop)
    {
        var answer = await SendAsync(HttpMethod.Post, "v2/accelerator_requests", new { device_profile_name = profile }, stop);
        return (answer, answer.Outcome == Outcome.Done ? [.. Arqs(answer.Text).Select(arq => arq.Uuid)] : []);
    }

    public Task<Answer> BindAsync(IEnumerable<Guid> arqs, string host, Guid provider, Guid instance, CancellationToken stop) => SendAsync(
        HttpMethod.Patch, "v2/accelerator_requests",
        arqs.ToDictionary(arq => arq, _ => new[] { Add("hostname", host), Add("device_rp_uuid", $"{provider}"), Add("instance_uuid", $"{instance}") }), stop);

    public Task<Answer> UnbindAsync(IEnumerable<Guid> arqs, CancellationToken stop) => SendAsync(
        HttpMethod.Patch, "v2/accelerator_requests",
        arqs.ToDictionary(arq => arq, _ => new[] { "hostname", "device_rp_uuid", "instance_uuid" }.Select(field => new { op = "remove", path = $"/{field}" })), stop);

    public Task<Answer> DeleteAsync(IEnumerable<Guid> arqs, CancellationToken stop) =>
        SendAsync(HttpMethod.Delete, $"v2/accelerator_requests?arqs={string.Join(',', arqs)}", null, stop);

    public Task<Answer> DeleteByInstanceAsync(Guid instance, CancellationToken stop) =>
        SendAsync(HttpMethod.Delete, $"v2/accelerator_requests?instance={instance}", null, stop);

    /// <summary>The ARQs of an instance; null if nobody could say.</summary>
    public async Task<IReadOnlyList<SeenArq>?> ListAsync(Guid instance, CancellationToken stop)
    {
        var answer = await SendAsync(HttpMethod.Get, $"v2/accelerator_requests?instance={instance}", null, stop);
        return answer.Outcome == Outcome.Done ? Arqs(answer.Text) : null;
    }

    /// <summary>One ARQ: found, not found, or nobody could say.</summary>
    public async Task<(bool Known, SeenArq? Arq)> ShowAsync(Guid arq, CancellationToken stop)
    {
        var answer = await SendAsync(HttpMethod.Get, $"v2/accelerator_requests/{arq}", null, stop);
        return answer switch
        {
            { Outcome: Outcome.Done } => (true, Read(JsonDocument.Parse(answer.Text).RootElement)),
            { Status: 404 } => (true, null),
            _ => (false, null),
        };
    }

    /// <summary>Uuids of the resource providers, by the name of their deployable.</summary>
    public async Task<Dictionary<string, Guid>> ProvidersAsync(CancellationToken stop)
    {
        var answer = await SendAsync(HttpMethod.Get, "v2/deployables", null, stop);
        using var body = JsonDocument.Parse(answer.Text);
        return body.RootElement.GetProperty("deployables").EnumerateArray()
            .ToDictionary(one => one.GetProperty("name").GetString()!, one => one.GetProperty("rp_uuid").GetGuid());
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        _connects++;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static object Add(string field, string value) => new { op = "add", path = $"/{field}", value };

    private async Task<Answer> SendAsync(HttpMethod method, string path, object? body, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, new Uri(_apis[_random.Next(_apis.Count)], path));
        if (body is not null) request.Content = JsonContent.Create(body);
        _connects = 0;
        try
        {
            using var reply = await _http.SendAsync(request, stop);
            var text = await reply.Content.ReadAsStringAsync(stop);
            return new Answer(Sort((int)reply.StatusCode, text), (int)reply.StatusCode, text);
        }
        catch (HttpRequestException error) when (_connects == 1 && error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return new Answer(Outcome.NotDone, 0, "nobody listens");
        }
        catch (Exception error) when (error is HttpRequestException or IOException || (error is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return new Answer(Outcome.Unknown, 0, error.Message);
        }
    }

    private static Outcome Sort(int status, string text) => status switch
    {
        200 or 201 or 202 or 204 => Outcome.Done,
        404 when text.Contains("ExtArq not found", StringComparison.Ordinal) => Outcome.Impossible,
        409 when text.Contains("is in state", StringComparison.Ordinal) => Outcome.Impossible,
        // "No handle is free" is honest: others hold them all, or the host is still undoing earlier work.
        404 when text.Contains("none free", StringComparison.Ordinal) => Outcome.NotDone,
        (int)HttpStatusCode.ServiceUnavailable => Outcome.Unknown,
        _ => Outcome.Wrong,
    };

    private static List<SeenArq> Arqs(string text)
    {
        using var body = JsonDocument.Parse(text);
        return [.. body.RootElement.GetProperty("arqs").EnumerateArray().Select(Read)];
    }

    private static SeenArq Read(JsonElement arq) => new(
        arq.GetProperty("uuid").GetGuid(),
        arq.GetProperty("state").GetString()!,
        arq.GetProperty("instance_uuid") is { ValueKind: JsonValueKind.String } instance ? instance.GetGuid() : null,
        arq.GetProperty("attach_handle_uuid").GetString());
}
