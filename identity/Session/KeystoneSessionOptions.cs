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
    /// <summary>PEM file with the certificate that the service shows; null for none (<c>certfile</c>). Read once, by the session.</summary>
    public string? CertFile { get; init; }
    /// <summary>PEM file with its key; null if <see cref="CertFile"/> holds it (<c>keyfile</c>).</summary>
    public string? KeyFile { get; init; }
    /// <summary>True to believe any server's certificate (<c>insecure</c>). Only for tests.</summary>
    public bool Insecure { get; init; }
    /// <summary>Type of the service in the catalog, whatever the caller says; null for the caller's word (<c>service_type</c>).</summary>
    public string? ServiceType { get; init; }
    /// <summary>Name of the service in the catalog; null for any (<c>service_name</c>).</summary>
    public string? ServiceName { get; init; }
    /// <summary>Interfaces of an endpoint, the best first (<c>valid_interfaces</c>).</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = ["internal", "public"];
    /// <summary>Region of an endpoint; null for any (<c>region_name</c>).</summary>
    public string? Region { get; init; }
    /// <summary>The endpoint to call, whatever the catalog says; null to look it up. <c>%(project_id)s</c> and <c>$(project_id)s</c> (or
    /// <c>tenant_id</c>) in it are the project that the service's token is for.</summary>
    public Uri? EndpointOverride { get; init; }
    /// <summary>True to leave out a version at the end of the endpoint's path (<c>/v2</c>, <c>/v2.1</c>), from the catalog or not: for callers whose paths begin
    /// with one of their own.</summary>
    public bool DropEndpointVersion { get; init; }
    /// <summary>Time for one attempt, from connecting to the last byte of the answer. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>Time to connect, TLS included. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>How many times an idempotent call is tried again after no answer; 0 to 10, default 2 (<c>connect_retries</c>).</summary>
    public int Retries { get; init; } = 2;
    /// <summary>Pause before the first of these; doubled each time. Default 0.5 s (<c>connect_retry_delay</c>).</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(0.5);
    /// <summary>How many times an idempotent call is tried again after one of <see cref="RetryStatuses"/>; 0 to 10, default 2
    /// (<c>status_code_retries</c>). Attempts of both kinds are counted together.</summary>
    public int StatusRetries { get; init; } = 2;
    /// <summary>Pause before the first of these; doubled each time. Default 0.5 s (<c>status_code_retry_delay</c>).</summary>
    public TimeSpan StatusRetryDelay { get; init; } = TimeSpan.FromSeconds(0.5);
    /// <summary>Statuses of an answer after which a call is worth repeating. Default 502, 503, 504 (<c>retriable_status_codes</c>).</summary>
    public IReadOnlyList<int> RetryStatuses { get; init; } = [502, 503, 504];
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
    internal IEnumerable<OptionFault> Faults()
    {
        if (!IsPlainHttp(AuthUrl))
            yield return new("auth_url", "is not an http or https address without user and password");
        if (EndpointOverride is not null && !IsPlainHttp(EndpointOverride))
            yield return new("endpoint_override", "is not an http or https address without user and password");
        if (Interfaces.Count == 0)
            yield return new("valid_interfaces", "is empty");
        if (Timeout < TimeSpan.FromMilliseconds(10) || Timeout > TimeSpan.FromDays(1) || ConnectTimeout <= TimeSpan.Zero)
            yield return new("timeout", "must be 0.01 s to a day");
        if (Retries is < 0 or > 10)
            yield return new("connect_retries", "Retries must be 0 to 10");
        if (StatusRetries is < 0 or > 10)
            yield return new("status_code_retries", "Retries must be 0 to 10");
        if (RetryDelay < TimeSpan.Zero || StatusRetryDelay < TimeSpan.Zero || FailurePause < TimeSpan.Zero || RenewBefore < TimeSpan.Zero)
            yield return new("connect_retry_delay", "A delay must not be negative");
        foreach (var fault in Credential.Faults())
            yield return fault;
    }

    internal static bool IsPlainHttp(Uri address) =>
        address.IsAbsoluteUri && address.Scheme is ("http" or "https") && address.UserInfo.Length == 0;
}
