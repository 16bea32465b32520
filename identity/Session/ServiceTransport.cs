using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Cyborg.Identity.Keystone;
using Microsoft.Extensions.Logging;

namespace Cyborg.Identity.Session;

/// <summary>HTTP with a time limit per attempt and bounded retries of idempotent calls. Knows no token's meaning.</summary>
internal sealed class ServiceTransport(KeystoneSessionOptions options, ILogger logger, TimeProvider time) : IDisposable
{
    private const int MaxAnswer = 16 * 1024 * 1024;

    private readonly HttpClient http = new(Handler(options))
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MaxAnswer,
    };

    /// <summary>The answer, whatever its status, read to its end.</summary>
    /// <exception cref="ServiceCallException">No answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(Uri address, ServiceRequest request, string? token, CancellationToken stop)
    {
        for (var attempt = 0; ; attempt++)
        {
            var isLast = !request.IsIdempotent || attempt >= options.Retries;
            try
            {
                var response = await OnceAsync(address, request, token, stop).ConfigureAwait(false);
                if (isLast || !IsTransient(response.StatusCode))
                    return response;
                KeystoneLog.RetryAfterStatus(logger, address.Authority, (int)response.StatusCode, attempt + 1);
                response.Dispose();
            }
            catch (ServiceCallException fault) when (!isLast)
            {
                KeystoneLog.RetryAfterFailure(logger, address.Authority, fault.Message, attempt + 1);
            }
            await Task.Delay(options.RetryDelay * (1 << attempt), time, stop).ConfigureAwait(false);
        }
    }

    public void Dispose() => http.Dispose();

    private static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private async Task<HttpResponseMessage> OnceAsync(Uri address, ServiceRequest request, string? token, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        using var message = request.ToMessage(address, token);
        try
        {
            return await http.SendAsync(message, HttpCompletionOption.ResponseContentRead, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            var seconds = (limit.IsCancellationRequested ? options.Timeout : options.ConnectTimeout).TotalSeconds;
            throw new ServiceCallException(ServiceCallFailure.Unavailable, string.Create(
                CultureInfo.InvariantCulture, $"{address.Authority} does not answer within {seconds} s."));
        }
        catch (HttpRequestException fault)
        {
            throw new ServiceCallException(
                ServiceCallFailure.Unavailable, $"{address.Authority} cannot be called: {fault.HttpRequestError}.", fault);
        }
    }

    private static SocketsHttpHandler Handler(KeystoneSessionOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            // A redirect could carry a token elsewhere.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.ConnectTimeout,
            // Follows a change of the name's address.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxConnectionsPerServer = 64,
        };
        if (options.CaFile is not null)
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = OnlyRootsOf(options.CaFile) };
        return handler;
    }

    private static X509ChainPolicy OnlyRootsOf(string file)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }
}
