namespace Cyborg.Identity.Session;

/// <summary>How a service talks to others: the auth, session and adapter options of one section (upstream: keystoneauth1).</summary>
public sealed record KeystoneSessionOptions
{
    /// <summary>Keystone's address, with or without <c>/v3</c> (<c>auth_url</c>).</summary>
    public required Uri AuthUrl { get; init; }
    /// <summary>Who the service is.</summary>
    public required KeystoneCredential Credential { get; init; }
    /// <summary>PEM file with the only roots to trust; null for the system's (<c>cafile</c>). Read once, by the session.</summary>
    public string? CaFile { get; init; }
    /// <summary>Interfaces of an endpoint, the best first (<c>valid_interfaces</c>).</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = ["internal", "public"];
    /// <summary>Region of an endpoint; null for any (<c>region_name</c>).</summary>
    public string? Region { get; init; }
    /// <summary>The endpoint to call, whatever the catalog says; null to look it up.</summary>
    public Uri? EndpointOverride { get; init; }
    /// <summary>Time for one attempt, from connecting to the last byte of the answer. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>Time to connect, TLS included. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>How many times an idempotent call is tried again after no answer or a 502, 503 or 504; 0 to 10, default 2.</summary>
    public int Retries { get; init; } = 2;
    /// <summary>Pause before the first of these; doubled each time. Default 0.5 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(0.5);
    /// <summary>For so long a failed log-in answers further calls too, so that a wrong password does not storm Keystone (which may lock
    /// the user). Default 1 s.</summary>
    public TimeSpan FailurePause { get; init; } = TimeSpan.FromSeconds(1);
    /// <summary>A token is replaced when it has less than this left. Default 30 s.</summary>
    public TimeSpan RenewBefore { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where and as what, without secrets.</summary>
    public override string ToString() =>
        $"{Credential} at {(IsPlainHttp(AuthUrl) ? AuthUrl.GetLeftPart(UriPartial.Path) : "no usable address")}";

    /// <summary><c>…/v3/auth/tokens</c>.</summary>
    internal Uri TokensUri
    {
        get
        {
            var text = AuthUrl.GetLeftPart(UriPartial.Path).TrimEnd('/');
            return new Uri((text.EndsWith("/v3", StringComparison.Ordinal) ? text : text + "/v3") + "/auth/tokens");
        }
    }

    /// <summary>Every fault, one sentence each; empty if the options can be used. Secrets are not repeated.</summary>
    internal IEnumerable<string> Faults()
    {
        if (!IsPlainHttp(AuthUrl))
            yield return "auth_url is not an http or https address without user and password.";
        if (EndpointOverride is not null && !IsPlainHttp(EndpointOverride))
            yield return "endpoint_override is not an http or https address without user and password.";
        if (Interfaces.Count == 0)
            yield return "valid_interfaces is empty.";
        if (Timeout <= TimeSpan.Zero || ConnectTimeout <= TimeSpan.Zero)
            yield return "A timeout must be more than 0.";
        if (Retries is < 0 or > 10)
            yield return "Retries must be 0 to 10.";
        if (RetryDelay < TimeSpan.Zero || FailurePause < TimeSpan.Zero || RenewBefore < TimeSpan.Zero)
            yield return "A delay must not be negative.";
        foreach (var fault in Credential.Faults())
            yield return fault;
    }

    internal static bool IsPlainHttp(Uri address) =>
        address.IsAbsoluteUri && address.Scheme is ("http" or "https") && address.UserInfo.Length == 0;
}
