using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Cyborg.Identity.Policy;

/// <summary>Asks the servers of <c>http:</c> and <c>https:</c> checks. They get the rule's name, the target, and the caller's ids and roles
/// (never a token). Only <c>True</c> with a status of success allows; no answer in time, a redirect, another status or a long answer
/// refuses the whole question.</summary>
internal sealed class RemoteChecks : IDisposable
{
    private const int MaxAnswerBytes = 1024;

    private readonly HttpClient _client;
    private readonly RemoteCheckOptions _options;
    private readonly Action<string> _tell;
    private readonly List<X509Certificate2> _certificates = [];

    /// <summary>Reads the certificates.</summary>
    /// <exception cref="PolicyLoadException">One cannot be read.</exception>
    public RemoteChecks(RemoteCheckOptions options, Action<string> tell)
    {
        (_options, _tell) = (options, tell);
        var handler = new SocketsHttpHandler
        {
            // What is known of the caller goes to the server that the policy names, and to no other.
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 16,
            SslOptions = Tls(),
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Asks a server.</summary>
    /// <returns>Allow, Deny, or Refused if it gave no answer.</returns>
    public async Task<Verdict> AskAsync(Uri address, RemoteQuestion question, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = question.Content(_options.AsJson) };
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token)
                .ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                return Refused(address, question, $"status {(int)response.StatusCode}");
            return await ReadAsync(response, limit.Token).ConfigureAwait(false) is not { } text
                ? Refused(address, question, "its answer is too long")
                : text.Trim('"') == "True" ? Verdict.Allow : Verdict.Deny;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Refused(address, question, $"no answer in {_options.Timeout.TotalSeconds:0.###} s");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            return Refused(address, question, fault.InnerException?.Message ?? fault.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _certificates.ForEach(certificate => certificate.Dispose());
    }

    private static async Task<string?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        var bytes = new byte[MaxAnswerBytes + 1];
        var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return length > MaxAnswerBytes ? null : Encoding.UTF8.GetString(bytes, 0, length);
    }

    // The path may hold ids of the target; host and rule are enough to find the server.
    private Verdict Refused(Uri address, RemoteQuestion question, string why)
    {
        _tell($"{PolicyRuleSet.Shown(question.Rule)}: {address.Scheme}://{address.Authority} did not answer, so it denies: "
            + PolicyRuleSet.Shown(why));
        return Verdict.Refused;
    }

    private SslClientAuthenticationOptions Tls()
    {
        var tls = new SslClientAuthenticationOptions();
        if (_options.ClientCertificateFile is { } certificate)
        {
            tls.ClientCertificates =
                [Read(certificate, () => X509Certificate2.CreateFromPemFile(certificate, _options.ClientKeyFile))];
        }
        if (!_options.VerifyServer)
#pragma warning disable CA5359 // The operator asked for it: remote_ssl_verify_server_crt = false.
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        else if (_options.CaFile is { } authorities)
            tls.CertificateChainPolicy = Trusting(authorities);
        return tls;
    }

    private X509ChainPolicy Trusting(string file)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        Read(file, () =>
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
            return policy.CustomTrustStore.Count > 0
                ? policy.CustomTrustStore[0]
                : throw new CryptographicException("it has no certificate");
        });
        return policy;
    }

    private X509Certificate2 Read(string file, Func<X509Certificate2> read)
    {
        try
        {
            var certificate = read();
            _certificates.Add(certificate);
            return certificate;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new PolicyLoadException($"{file}: cannot be read: {fault.Message}", fault);
        }
    }
}

/// <summary>What a server of a remote check is asked.</summary>
/// <param name="Rule">The rule that was asked for, not one that it refers to.</param>
/// <param name="Target">What the call is about.</param>
/// <param name="Credentials">Ids and roles of the caller.</param>
internal sealed record RemoteQuestion(
    string Rule, IReadOnlyDictionary<string, object?> Target, IReadOnlyDictionary<string, object?> Credentials)
{
    /// <summary>A form whose three values are JSON, or one JSON object of the three.</summary>
    public HttpContent Content(bool asJson)
    {
        if (!asJson)
        {
            return new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["rule"] = JsonSerializer.Serialize(Rule),
                ["target"] = JsonSerializer.Serialize(Target),
                ["credentials"] = JsonSerializer.Serialize(Credentials),
            });
        }
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, object> { ["rule"] = Rule, ["target"] = Target, ["credentials"] = Credentials });
        return new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }
}
