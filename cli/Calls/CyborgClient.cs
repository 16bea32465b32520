using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cyborg.Hosting;
using Cyborg.Identity.Session;

namespace Cyborg.Cli;

/// <summary>What the service answered to a call that worked.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The body; null if there is none.</param>
internal sealed record Answer(int Status, JsonNode? Body);

/// <summary>Calls version 1 of Cyborg's API, microversion 1.1. Whatever goes wrong is a <see cref="CliFault"/>.</summary>
internal sealed class CyborgClient(KeystoneSession session, Cloud cloud, TimeSpan patience, TextWriter? trace) : IDisposable
{
    private const string ServiceType = "accelerator";
    private const string Microversion = "accelerator 1.1";

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Opens a cloud's service; nobody is called yet.</summary>
    /// <param name="cloud">The cloud.</param>
    /// <param name="surroundings">The process.</param>
    /// <param name="patience">Longest time for an answer.</param>
    /// <param name="trace">Where each call is told; null for nowhere.</param>
    public static CyborgClient Open(Cloud cloud, Surroundings surroundings, TimeSpan patience, TextWriter? trace = null) =>
        new(CloudLogin.Open(cloud, surroundings, patience), cloud, patience, trace);

    /// <summary>Gets a page.</summary>
    /// <param name="path">Path and query, from <c>/v1</c>.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<JsonNode> GetAsync(string path, CancellationToken stop) =>
        (await SendAsync(HttpMethod.Get, path, null, stop).ConfigureAwait(false)).Body ?? throw Odd(path, "nothing");

    /// <summary>Makes a call.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="path">Path and query, from <c>/v1</c>.</param>
    /// <param name="body">JSON; null for none.</param>
    /// <param name="stop">Gives up.</param>
    /// <param name="ifMatch">The generation that is to be changed; null for any.</param>
    public async Task<Answer> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken stop, long? ifMatch = null)
    {
        var headers = new Dictionary<string, string> { ["OpenStack-API-Version"] = Microversion };
        if (ifMatch is { } generation)
            headers["If-Match"] = string.Create(CultureInfo.InvariantCulture, $"\"{generation}\"");
        var request = new ServiceRequest(method, path)
        {
            Body = body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString(Json)),
            Headers = headers,
            IsIdempotent = method == HttpMethod.Get,
        };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // The session has a limit for each attempt; log-in and call together have this one.
        limit.CancelAfter(patience + TimeSpan.FromSeconds(5));
        try
        {
            using var response = await session.SendAsync(ServiceType, request, limit.Token).ConfigureAwait(false);
            return await ReadAsync(request, response, limit.Token).ConfigureAwait(false);
        }
        catch (ServiceCallException fault)
        {
            throw Explain(fault);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw CliFault.Failed(string.Create(CultureInfo.InvariantCulture, $"no answer within {patience.TotalSeconds} s; --timeout SECONDS waits longer"));
        }
    }

    public void Dispose() => session.Dispose();

    private async Task<Answer> ReadAsync(ServiceRequest request, HttpResponseMessage response, CancellationToken stop)
    {
        var status = (int)response.StatusCode;
        var address = response.RequestMessage?.RequestUri;
        if (trace is not null)
            await trace.WriteLineAsync(Printable.Escape($"{request.Method} {address} -> {status} {RequestId(response)}".TrimEnd())).ConfigureAwait(false);
        var text = await response.Content.ReadAsStringAsync(stop).ConfigureAwait(false);
        if (status >= 400)
            throw Refused(response.StatusCode, ErrorText.Of(text));
        if (status is >= 300 or < 200)
            throw Odd(address?.AbsolutePath ?? request.Path, string.Create(CultureInfo.InvariantCulture, $"status {status}"));
        if (text.Length == 0)
            return new Answer(status, null);
        try
        {
            return new Answer(status, JsonNode.Parse(text));
        }
        catch (JsonException)
        {
            throw Odd(address?.AbsolutePath ?? request.Path, response.Content.Headers.ContentType?.MediaType ?? "something");
        }
    }

    private static string RequestId(HttpResponseMessage response) =>
        response.Headers.TryGetValues("X-Openstack-Request-Id", out var ids) ? ids.First() : "";

    private CliFault Refused(HttpStatusCode status, string? says)
    {
        var code = (int)status;
        var text = status switch
        {
            HttpStatusCode.Unauthorized => $"the service does not accept the log-in (401): check the user, project or token of {cloud.Origin}",
            HttpStatusCode.Forbidden => $"{says ?? "forbidden"} (403): it takes a role that the user of {cloud.Origin} does not have; cyborg policy list shows which",
            HttpStatusCode.NotFound => $"{says ?? "there is no such thing, or this is not Cyborg's address"} (404)",
            HttpStatusCode.NotAcceptable => $"{says ?? "not acceptable"} (406): the service is older than this program",
            HttpStatusCode.GatewayTimeout => $"{says ?? "no answer from behind the service"} (504)",
            _ => string.Create(CultureInfo.InvariantCulture, $"{says ?? "the service gives no reason"} ({code})"),
        };
        return new CliFault(text, status == HttpStatusCode.GatewayTimeout ? ExitCodes.GoesOn : ExitCodes.Failed) { Status = code };
    }

    private CliFault Odd(string path, string what) =>
        CliFault.Failed($"{path} is answered with {Printable.Escape(what, 80)} where JSON was expected: is that Cyborg's address? It comes from {cloud.Origin}");

    private CliFault Explain(ServiceCallException fault) => fault.Failure switch
    {
        ServiceCallFailure.Refused => CliFault.Failed(
            $"Keystone refuses the log-in: check the user's name, domain and password (or credential), and the project, of {cloud.Origin}"),
        ServiceCallFailure.NoEndpoint => CliFault.Failed($"{fault.Message} Choose with --os-region-name and --os-interface, or name the address with --os-endpoint"),
        _ => CliFault.Failed($"{fault.Message} Is it running, and is its address right? It comes from {cloud.Origin}"),
    };
}
