using System.Globalization;
using System.Net.Http.Headers;
using Flurl;
using Flurl.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polly.Timeout;

namespace Cyborg.Identity.Session;

/// <summary>HTTP with a time limit for each attempt and bounded retries of idempotent calls: Flurl over <see cref="IHttpClientFactory"/> and the
/// pipeline of <see cref="ServicePipeline"/>. Knows no token's meaning.</summary>
internal sealed class ServiceTransport : IDisposable
{
    private readonly KeystoneSessionOptions _options;
    private readonly SocketsHttpHandler _handler;
    private readonly ServiceProvider _services;
    private readonly Dictionary<Kind, FlurlClient> _clients;

    public ServiceTransport(KeystoneSessionOptions options, ILogger logger, TimeProvider time)
    {
        _options = options;
        _handler = ServiceHandler.Create(options);
        // A provider of its own: the session's clients share its certificates, limits and clock with nobody.
        var collection = new ServiceCollection();
        var kinds = new[] { new Kind(false, false), new Kind(false, true), new Kind(true, false), new Kind(true, true) };
        foreach (var kind in kinds)
            AddClient(collection, kind, new ServicePipeline(options, logger, time));
        _services = collection.BuildServiceProvider();
        var factory = _services.GetRequiredService<IHttpClientFactory>();
        _clients = kinds.ToDictionary(kind => kind, kind => OpenClient(factory.CreateClient(kind.Name)));
    }

    /// <summary>The answer, whatever its status; read to its end unless the request is streamed.</summary>
    /// <exception cref="ServiceCallException">No answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(Uri address, ServiceRequest request, string? token, CancellationToken stop)
    {
        var call = new FlurlRequest(new Url(address.AbsoluteUri)) { Client = _clients[new Kind(request.IsIdempotent, request.Streamed)] };
        call.Headers["Accept"] = "application/json";
        if (token is not null)
            call.Headers["X-Auth-Token"] = token;
        foreach (var (name, value) in request.Headers)
            call.Headers[name] = Checked(name, value);
        try
        {
            var completion = request.Streamed ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead;
            return await call.SendAsync(request.Method, Content(request), stop, completion).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            stop.ThrowIfCancellationRequested();
            // Flurl's own exception holds the request, token and body included: nobody gets it.
            throw Translate(address, fault is FlurlHttpException { InnerException: { } inner } ? inner : fault);
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
            client.Dispose();
        _services.Dispose();
        _handler.Dispose();
    }

    private void AddClient(ServiceCollection collection, Kind kind, ServicePipeline pipeline)
    {
        var client = collection.AddHttpClient(kind.Name, http =>
            {
                // Attempts have a limit each, and the pipeline bounds their number.
                http.Timeout = Timeout.InfiniteTimeSpan;
                http.MaxResponseContentBufferSize = AttemptHandler.MaxAnswer;
            })
            // The factory's own loggers would write headers at level Trace.
            .RemoveAllLoggers()
            // The connections follow a change of a name's address by themselves.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => _handler);
        client.AddResilienceHandler("attempts", builder => pipeline.Fill(builder, kind.Repeats));
        client.AddHttpMessageHandler(() => pipeline.NewAttempt(kind.Streams));
    }

    private static FlurlClient OpenClient(HttpClient http)
    {
        var client = new FlurlClient(http);
        client.Settings.Timeout = null;
        client.Settings.AllowedHttpStatusRange = "*";
        return client;
    }

    private static ByteArrayContent? Content(ServiceRequest request)
    {
        if (request.Body is null)
            return null;
        // An array of bytes knows its length: it is not sent in chunks.
        return new ByteArrayContent(request.Body) { Headers = { ContentType = new MediaTypeHeaderValue(request.ContentType) } };
    }

    private static string Checked(string name, string value) =>
        value.AsSpan().ContainsAny('\r', '\n', '\0') ? throw new ArgumentException($"The header {name} has a line break in it.") : value;

    private ServiceCallException Translate(Uri address, Exception fault) => fault switch
    {
        ServiceCallException known => known,
        TimeoutRejectedException => new ServiceCallException(ServiceCallFailure.Unavailable, string.Create(
            CultureInfo.InvariantCulture, $"{address.Authority} does not answer within {_options.Timeout.TotalSeconds} s.")),
        _ => new ServiceCallException(ServiceCallFailure.Unavailable, $"{address.Authority} cannot be called: {fault.GetType().Name}.", fault),
    };

    /// <summary>What a client does: whether it repeats, and whether it leaves the body to the caller.</summary>
    private readonly record struct Kind(bool Repeats, bool Streams)
    {
        public string Name => $"repeats={Repeats} streams={Streams}";
    }
}
