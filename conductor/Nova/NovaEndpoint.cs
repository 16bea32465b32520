using System.Net.Http.Headers;
using Cyborg.Hosting;
using Cyborg.Identity.Session;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Nova;

/// <summary>What Nova answered, or why there is no answer.</summary>
/// <param name="Status">HTTP status; null if there was no answer.</param>
/// <param name="Body">The answer's body; empty without an answer.</param>
/// <param name="Problem">For the log, without secrets; null if the status is a success.</param>
internal sealed record NovaAnswer(int? Status, byte[] Body, string? Problem)
{
    /// <summary>Nova's id of the request, as its records of actions name it; null if it gave none, or nothing that looks like one.</summary>
    public string? RequestId { get; init; }
}

/// <summary>Calls the compute API at one microversion: with the service's own token and the endpoint of Keystone's catalog, or where there is no
/// Keystone as it is. Does not throw for anything that Nova, Keystone or the network does.</summary>
internal sealed class NovaEndpoint : IDisposable
{
    /// <summary>An answer takes no longer, unless <see cref="NovaOptions.AnswerTimeout"/> says otherwise; less than the claim of the messages holds.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    // The first that knows accelerator-request-bound (nova: Ussuri).
    private const string Microversion = "2.82";

    private static readonly Dictionary<string, string> Headers = new()
    {
        ["OpenStack-API-Version"] = $"compute {Microversion}",
        ["X-OpenStack-Nova-API-Version"] = Microversion,
    };

    private readonly Func<ServiceRequest, CancellationToken, Task<HttpResponseMessage>> _send;
    private readonly IDisposable _connections;
    private readonly TimeSpan _timeout;

    private NovaEndpoint(Func<ServiceRequest, CancellationToken, Task<HttpResponseMessage>> send, IDisposable connections, TimeSpan timeout)
    {
        _send = send;
        _connections = connections;
        _timeout = timeout;
    }

    /// <summary>An endpoint as the options say; null if Nova is not told of anything. Nothing is connected yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="logs">Where the session logs; never a secret.</param>
    /// <param name="time">Its clock.</param>
    public static NovaEndpoint? Open(NovaOptions options, ILoggerFactory logs, TimeProvider time)
    {
        if (options.Login is { } login)
        {
            var session = new KeystoneSession(login, logs, time);
            return new NovaEndpoint((request, stop) => session.SendAsync(NovaOptions.ServiceType, request, stop), session, options.AnswerTimeout);
        }
        if (options.Endpoint is not { } endpoint)
            return null;
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        return new NovaEndpoint((request, stop) => SendPlainAsync(http, endpoint, request, stop), http, options.AnswerTimeout);
    }

    /// <summary>Posts a JSON body.</summary>
    /// <param name="path">What follows the endpoint, from <c>/</c>.</param>
    /// <param name="body">The body.</param>
    /// <param name="stop">Gives up; throws then.</param>
    public Task<NovaAnswer> PostAsync(string path, byte[] body, CancellationToken stop) =>
        AskAsync(new ServiceRequest(HttpMethod.Post, path) { Body = body, Headers = Headers }, stop);

    /// <summary>Reads.</summary>
    /// <param name="path">What follows the endpoint, from <c>/</c>.</param>
    /// <param name="stop">Gives up; throws then.</param>
    public Task<NovaAnswer> GetAsync(string path, CancellationToken stop) => AskAsync(new ServiceRequest(HttpMethod.Get, path) { Headers = Headers }, stop);

    public void Dispose() => _connections.Dispose();

    private async Task<NovaAnswer> AskAsync(ServiceRequest request, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(_timeout);
        try
        {
            using var response = await _send(request, patience.Token);
            var status = (int)response.StatusCode;
            var text = await response.Content.ReadAsByteArrayAsync(patience.Token);
            return new NovaAnswer(status, text, response.IsSuccessStatusCode ? null : Problem(status, text)) { RequestId = RequestId(response) };
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new NovaAnswer(null, [], "Nova did not answer in time");
        }
        catch (Exception error) when (error is ServiceCallException or HttpRequestException or IOException)
        {
            return new NovaAnswer(null, [], error.Message);
        }
    }

    // It becomes a part of a path.
    private static string? RequestId(HttpResponseMessage response) =>
        response.Headers.TryGetValues("x-openstack-request-id", out var values) && values.FirstOrDefault() is { Length: > 0 and <= 100 } id
        && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? id
            : null;

    private static string Problem(int status, byte[] text) =>
        NovaFault.Message(text) is { } message ? $"Nova answered {status}: {Printable.Escape(message, 200)}" : $"Nova answered {status}";

    private static async Task<HttpResponseMessage> SendPlainAsync(HttpClient http, Uri endpoint, ServiceRequest request, CancellationToken stop)
    {
        using var message = new HttpRequestMessage(request.Method, new Uri(endpoint, request.Path.TrimStart('/')));
        if (request.Body is { } body)
        {
            // Bytes, not a stream: Nova's kin refuse chunked bodies.
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(request.ContentType);
        }
        foreach (var (name, value) in request.Headers)
            message.Headers.Add(name, value);
        return await http.SendAsync(message, stop);
    }
}
