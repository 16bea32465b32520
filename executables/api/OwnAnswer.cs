using System.Net;
using System.Net.Security;

namespace Cyborg.Executables;

/// <summary>Asks the API over its own address, as its clients do. Any answer is a sign of life, 503 included: what that is about, a restart would not mend.</summary>
internal sealed class OwnAnswer : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _address;
    private int _asking;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="listening">Where the API listens, as Kestrel tells it: <c>https://0.0.0.0:6666</c>.</param>
    /// <param name="healthPath"><c>[healthcheck] path</c>.</param>
    public OwnAnswer(string listening, string healthPath)
    {
        var place = new UriBuilder(listening) { Path = healthPath };
        if (IPAddress.TryParse(place.Uri.DnsSafeHost, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)))
            place.Host = ip.Equals(IPAddress.Any) ? $"{IPAddress.Loopback}" : $"[{IPAddress.IPv6Loopback}]";
        _address = place.Uri;
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            // A connection of its own each time: that new ones are taken is half of the question.
            PooledConnectionLifetime = TimeSpan.Zero,
            // The certificate is for the name that clients use, and nothing is told to whoever answers.
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        });
    }

    /// <summary>Null if the API answers, else why not.</summary>
    public async ValueTask<string?> WhyDeadAsync(CancellationToken stop)
    {
        // The answer may depend on this very question: a check of health that asks whether the service lives.
        if (Interlocked.Exchange(ref _asking, 1) != 0)
            return null;
        try
        {
            using var question = new HttpRequestMessage(HttpMethod.Head, _address);
            using var answer = await _http.SendAsync(question, HttpCompletionOption.ResponseHeadersRead, stop);
            return null;
        }
        catch (HttpRequestException error)
        {
            return $"the API does not answer itself: {error.HttpRequestError}";
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
