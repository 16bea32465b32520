using System.Net;
using Cyborg.Identity.Keystone;
using Microsoft.Extensions.Logging;

namespace Cyborg.Identity.Session;

/// <summary>A service's calls to others, with its own token. Safe for use by many threads at once.</summary>
/// <remarks>The token is asked for at the first call, by one log-in however many wait, and kept until shortly before it expires or until
/// someone answers 401 to it. Redirects are not followed.</remarks>
public sealed class KeystoneSession : IDisposable
{
    private readonly KeystoneSessionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ServiceTransport _transport;
    private readonly CancellationTokenSource _lifetime = new();
    private readonly Lock _gate = new();
    private Task<SessionToken>? _login;
    private DateTimeOffset _failedAt;

    /// <summary>A session that has not logged in yet.</summary>
    /// <param name="options">Where, as whom, how patiently.</param>
    /// <param name="logs">Where it logs; never a secret.</param>
    /// <param name="time">The clock of expiries, pauses and timeouts.</param>
    /// <exception cref="ArgumentException">Options cannot be used; the text has every fault.</exception>
    /// <exception cref="IOException">A file of certificates cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It is no PEM file of certificates.</exception>
    public KeystoneSession(KeystoneSessionOptions options, ILoggerFactory logs, TimeProvider time)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults)
            throw new ArgumentException(string.Join(' ', faults), nameof(options));
        _options = options;
        _time = time;
        _logger = logs.CreateLogger<KeystoneSession>();
        _transport = new ServiceTransport(options, _logger, time);
        if (options.Insecure)
            KeystoneLog.Insecure(_logger, options.AuthUrl.Authority);
    }

    /// <summary>Calls a service. After a 401 it logs in and calls once again.</summary>
    /// <param name="serviceType">Its type in the catalog, such as <c>placement</c>; not used with an endpoint override.</param>
    /// <param name="request">What to call.</param>
    /// <param name="stop">Gives up waiting.</param>
    /// <returns>The answer, whatever its status, read to its end (at most 16 MiB; see <see cref="ServiceRequest.Streamed"/> for more); the caller
    /// disposes it.</returns>
    /// <exception cref="ServiceCallException">No answer, no log-in or no endpoint.</exception>
    public Task<HttpResponseMessage> SendAsync(string serviceType, ServiceRequest request, CancellationToken stop)
    {
        if (!request.Path.StartsWith('/'))
            throw new ArgumentException("The path must begin with /.", nameof(request));
        return SendAsync(token => Join(EndpointTemplate.Drop(Endpoint(token, serviceType), _options.DropEndpointVersion), request.Path), request, stop);
    }

    /// <summary>Calls Keystone's <c>/v3/auth/tokens</c> itself; the request's path is the query alone.</summary>
    internal Task<HttpResponseMessage> SendToTokensAsync(ServiceRequest request, CancellationToken stop) =>
        SendAsync(_ => new Uri(_options.TokensUri + request.Path), request, stop);

    /// <summary>Stops waiting for Keystone and closes the connections.</summary>
    public void Dispose()
    {
        _lifetime.Cancel();
        _transport.Dispose();
        _lifetime.Dispose();
    }

    private Uri Endpoint(SessionToken token, string serviceType) =>
        _options.EndpointOverride is { } endpoint
            ? EndpointTemplate.Fill(endpoint.OriginalString, token.ProjectId)
            : ServiceCatalog.Find(token.Catalog, _options.ServiceType ?? serviceType, _options.ServiceName, _options.Interfaces, _options.Region);

    private static Uri Join(Uri endpoint, string path) => new(endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + path);

    private async Task<HttpResponseMessage> SendAsync(Func<SessionToken, Uri> address, ServiceRequest request, CancellationToken stop)
    {
        if (_options.Credential.Given is { } given)
            return await _transport.SendAsync(address(given), request, given.Text.Length > 0 ? given.Text : null, stop).ConfigureAwait(false);
        var token = await TokenAsync(stop).ConfigureAwait(false);
        var response = await _transport.SendAsync(address(token), request, token.Text, stop).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized)
            return response;
        KeystoneLog.OwnTokenRefused(_logger, response.RequestMessage?.RequestUri?.Authority ?? "");
        response.Dispose();
        Forget(token);
        token = await TokenAsync(stop).ConfigureAwait(false);
        return await _transport.SendAsync(address(token), request, token.Text, stop).ConfigureAwait(false);
    }

    /// <summary>The token, by one log-in for all who wait. One who gives up does not stop it for the others.</summary>
    private Task<SessionToken> TokenAsync(CancellationToken stop)
    {
        lock (_gate)
        {
            if (_login is null || IsStale(_login))
                _login = Task.Run(LogInAsync, CancellationToken.None);
            return _login.WaitAsync(stop);
        }
    }

    private bool IsStale(Task<SessionToken> task)
    {
        if (!task.IsCompleted)
            return false;
        var now = _time.GetUtcNow();
        return task.IsCompletedSuccessfully ? now >= task.Result.ExpiresAt - _options.RenewBefore : now >= _failedAt + _options.FailurePause;
    }

    /// <summary>Drops the token unless another call has replaced it already.</summary>
    private void Forget(SessionToken token)
    {
        lock (_gate)
        {
            if (_login is { IsCompletedSuccessfully: true } task && ReferenceEquals(task.Result, token))
                _login = null;
        }
    }

    private async Task<SessionToken> LogInAsync()
    {
        try
        {
            var token = await AskForTokenAsync().ConfigureAwait(false);
            KeystoneLog.LoggedIn(_logger, _options.AuthUrl.Authority, token.ExpiresAt);
            return token;
        }
        catch (Exception fault)
        {
            lock (_gate)
                _failedAt = _time.GetUtcNow();
            KeystoneLog.LogInFailed(_logger, fault.Message);
            throw;
        }
    }

    private async Task<SessionToken> AskForTokenAsync()
    {
        // A second token harms nobody, so this POST may be repeated.
        var request = new ServiceRequest(HttpMethod.Post, "") { Body = _options.Credential.ToBody(), IsIdempotent = true };
        using var response = await _transport.SendAsync(_options.TokensUri, request, null, _lifetime.Token).ConfigureAwait(false);
        var status = (int)response.StatusCode;
        if (status != 201)
        {
            throw new ServiceCallException(
                status is >= 300 and < 500 and not 429 ? ServiceCallFailure.Refused : ServiceCallFailure.Unavailable,
                $"Keystone answers {status} to the service's log-in.");
        }
        var body = TokenBody.Read(await response.Content.ReadAsByteArrayAsync(_lifetime.Token).ConfigureAwait(false));
        var text = response.Headers.TryGetValues("X-Subject-Token", out var values) ? values.FirstOrDefault() : null;
        if (!TokenText.IsAcceptable(text) || body?.ExpiresAt is not { } expiresAt)
            throw new ServiceCallException(ServiceCallFailure.Unavailable, "Keystone's answer to the log-in has no usable token.");
        return new SessionToken(text, expiresAt, body.Project?.Id, body.Catalog ?? []);
    }
}
