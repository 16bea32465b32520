using System.Net;
using Cyborg.Api.Health;
using Cyborg.Hosting;
using Cyborg.Hosting.Telemetry;
using Cyborg.Identity.Keystone;
using Cyborg.Identity.NoAuth;
using Cyborg.Identity.Policy;

namespace Cyborg.Api;

/// <summary>What the API reads from cyborg.conf. Names are upstream's and oslo's where they have one.</summary>
public sealed record ApiOptions
{
    /// <summary>Word for no authentication at all.</summary>
    public const string NoAuth = "noauth";

    /// <summary>Word for tokens of Keystone.</summary>
    public const string Keystone = "keystone";

    /// <summary><c>[api] host_ip</c>.</summary>
    public static readonly Option<string> HostIpOption = Options.String(
        "api", "host_ip", "127.0.0.1", "Address to listen on: an IP address, or a name that stands for one.");

    /// <summary><c>[api] port</c>.</summary>
    public static readonly Option<int> PortOption = Options.Integer(
        "api", "port", 6666, "Port to listen on; 0 takes any free one.", min: 0, max: 65535);

    /// <summary><c>[api] api_workers</c>.</summary>
    public static readonly Option<int> WorkersOption = Options.Integer(
        "api", "api_workers", 1, "Accepted for old files, without effect: one process uses every core.", min: 1);

    /// <summary><c>[api] enable_ssl_api</c>.</summary>
    public static readonly Option<bool> EnableTlsOption = Options.Boolean(
        "api", "enable_ssl_api", false, "Speak TLS, with [ssl] cert_file and key_file.");

    /// <summary><c>[ssl] cert_file</c>.</summary>
    public static readonly Option<string?> CertFileOption = Options.OptionalString(
        "ssl", "cert_file", "Certificate of the API, PEM, the chain included.");

    /// <summary><c>[ssl] key_file</c>.</summary>
    public static readonly Option<string?> KeyFileOption = Options.OptionalString(
        "ssl", "key_file", "Private key of cert_file, PEM; if not set, cert_file holds it.");

    /// <summary><c>[api] public_endpoint</c>.</summary>
    public static readonly Option<string?> PublicEndpointOption = Options.OptionalString(
        "api", "public_endpoint", "Address that links begin with, e.g. https://cloud.example/accelerator; if not set, the request's own.");

    /// <summary><c>[api] auth_strategy</c>.</summary>
    public static readonly Option<string> AuthStrategyOption = Options.Choice(
        "api", "auth_strategy", Keystone, [Keystone, NoAuth],
        "Who may call: keystone asks for a token, noauth believes everybody and listens on loopback only.");

    /// <summary><c>[api] upstream_fault_codes</c>.</summary>
    public static readonly Option<bool> UpstreamFaultCodesOption = Options.Boolean(
        "api", "upstream_fault_codes", false, "Answer 500 where upstream's tempest suite asserts it, instead of 400 and 409.");

    /// <summary><c>[api] max_body_size</c>.</summary>
    public static readonly Option<int> MaxBodyOption = Options.Integer(
        "api", "max_body_size", 1024 * 1024, "Largest request body in bytes.", min: 1024, max: 64 * 1024 * 1024);

    /// <summary><c>[DEFAULT] rpc_response_timeout</c>.</summary>
    public static readonly Option<int> CallTimeoutOption = Options.Integer(
        "DEFAULT", "rpc_response_timeout", 60, "Seconds that a request waits for the conductor.", min: 1, max: 3600);

    /// <summary><c>[api] conductor_wait</c>.</summary>
    public static readonly Option<int> ConductorWaitOption = Options.Integer(
        "api", "conductor_wait", 10,
        "Seconds for which a request with a service token waits while no conductor listens: Nova gives a boot up at the first 503. Others are told at once. 0: all are.",
        min: 0, max: 600);

    /// <summary><c>[oslo_middleware] enable_proxy_headers_parsing</c>.</summary>
    public static readonly Option<bool> ProxyHeadersOption = Options.Boolean(
        "oslo_middleware", "enable_proxy_headers_parsing", false,
        "Believe X-Forwarded-For, -Proto, -Host and -Prefix; only behind a proxy that sets them.");

    /// <summary><c>[cors] allowed_origin</c>.</summary>
    public static readonly Option<IReadOnlyList<string>> CorsOriginsOption = Options.List(
        "cors", "allowed_origin", [], "Origins of web pages that may call, or *; none if not set.");

    /// <summary><c>[cors] allow_credentials</c>.</summary>
    public static readonly Option<bool> CorsCredentialsOption = Options.Boolean(
        "cors", "allow_credentials", true, "Let web pages send cookies and credentials; not together with allowed_origin = *.");

    /// <summary><c>[cors] max_age</c>.</summary>
    public static readonly Option<int> CorsMaxAgeOption = Options.Integer(
        "cors", "max_age", 3600, "Seconds that a browser may keep the answer to a preflight.", min: 0);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        HostIpOption, PortOption, WorkersOption, EnableTlsOption, CertFileOption, KeyFileOption, PublicEndpointOption, AuthStrategyOption,
        UpstreamFaultCodesOption, MaxBodyOption, CallTimeoutOption, ConductorWaitOption, ProxyHeadersOption,
        CorsOriginsOption, CorsCredentialsOption, CorsMaxAgeOption, .. HealthSettings.All,
        TelemetryOptions.AllowedOption, .. PolicyOptions.All, .. AuthTokenOptions.All,
    ];

    /// <summary>Address to listen on.</summary>
    public required IPAddress Address { get; init; }
    /// <summary>Port to listen on; 0 for any.</summary>
    public required int Port { get; init; }
    /// <summary>Certificate file; null without TLS.</summary>
    public string? CertFile { get; init; }
    /// <summary>Key file; null if the certificate file holds the key.</summary>
    public string? KeyFile { get; init; }
    /// <summary>Begin of links; null to use the request's own address.</summary>
    public string? PublicEndpoint { get; init; }
    /// <summary>True to answer upstream's 500s.</summary>
    public bool UpstreamFaultCodes { get; init; }
    /// <summary>Largest request body in bytes.</summary>
    public required int MaxBodySize { get; init; }
    /// <summary>How long a request waits for the conductor.</summary>
    public required TimeSpan CallTimeout { get; init; }

    /// <summary>How long a service's request waits while no conductor listens.</summary>
    public required TimeSpan ConductorWait { get; init; }
    /// <summary>How tokens are validated; null where nobody needs one (<c>auth_strategy = noauth</c>).</summary>
    public AuthTokenOptions? AuthToken { get; init; }
    /// <summary>Where the operator's policy is.</summary>
    public required PolicySource Policy { get; init; }
    /// <summary>True behind a proxy that sets X-Forwarded headers.</summary>
    public bool ProxyHeaders { get; init; }
    /// <summary>Cross-origin sharing; null if off.</summary>
    public CorsSettings? Cors { get; init; }
    /// <summary>The health check.</summary>
    public required HealthSettings Health { get; init; }

    /// <summary>Who may read metrics on the API's own port.</summary>
    public required SourceRanges MetricsFrom { get; init; }

    /// <summary>Cross-origin sharing.</summary>
    /// <param name="Origins">Who may call.</param>
    /// <param name="Credentials">True to let pages send credentials.</param>
    /// <param name="MaxAge">How long a browser may keep an answer to a preflight.</param>
    public sealed record CorsSettings(IReadOnlyList<string> Origins, bool Credentials, TimeSpan MaxAge);

    /// <summary>Reads and checks them.</summary>
    /// <exception cref="ConfigException">Values that do not go together, one line each.</exception>
    public static ApiOptions From(CyborgConfig config)
    {
        var faults = new List<string>();
        var address = ParseAddress(config, faults);
        var authToken = ReadAuthentication(config, address, faults);
        var tls = config.Get(EnableTlsOption);
        CheckTls(config, tls, faults);
        CheckPublicEndpoint(config, faults);
        var health = HealthSettings.Read(config, faults);
        var metricsFrom = SourceRanges.Parse(config.Get(TelemetryOptions.AllowedOption), config.Place(TelemetryOptions.AllowedOption), faults);
        if (faults.Count > 0)
            throw new ConfigException(faults);
        return new ApiOptions
        {
            Address = address!,
            Port = config.Get(PortOption),
            CertFile = tls ? config.Get(CertFileOption) : null,
            KeyFile = tls ? config.Get(KeyFileOption) : null,
            PublicEndpoint = config.Get(PublicEndpointOption),
            UpstreamFaultCodes = config.Get(UpstreamFaultCodesOption),
            MaxBodySize = config.Get(MaxBodyOption),
            CallTimeout = TimeSpan.FromSeconds(config.Get(CallTimeoutOption)),
            ConductorWait = TimeSpan.FromSeconds(config.Get(ConductorWaitOption)),
            AuthToken = authToken,
            Policy = PolicyOptions.From(config),
            ProxyHeaders = config.Get(ProxyHeadersOption),
            Cors = ReadCors(config),
            MetricsFrom = metricsFrom,
            Health = health,
        };
    }

    private static IPAddress? ParseAddress(CyborgConfig config, List<string> faults)
    {
        var text = config.Get(HostIpOption);
        if (IPAddress.TryParse(text, out var address))
            return address;
        try
        {
            if (Dns.GetHostAddresses(text) is [var first, ..])
                return first;
        }
        catch (Exception fault) when (fault is System.Net.Sockets.SocketException or ArgumentException)
        {
            // Said below, with the option's name.
        }
        faults.Add($"{config.Place(HostIpOption)}: '{Printable.Escape(text, 100)}' is no address of this machine; write an IP address such as 127.0.0.1");
        return null;
    }

    private static AuthTokenOptions? ReadAuthentication(CyborgConfig config, IPAddress? address, List<string> faults)
    {
        if (config.Get(AuthStrategyOption) == Keystone)
            return ReadAuthToken(config, faults);
        if (address is not null && !(NoAuthDefaults.IsLoopback(config.Get(HostIpOption)) && NoAuthDefaults.IsLoopback(address)))
        {
            faults.Add(
                $"{config.Place(AuthStrategyOption)}: noauth lets everybody do everything and is refused on "
                + $"{Printable.Escape(config.Get(HostIpOption), 100)}; write host_ip = 127.0.0.1");
        }
        return null;
    }

    private static AuthTokenOptions? ReadAuthToken(CyborgConfig config, List<string> faults)
    {
        try
        {
            if (AuthTokenOptions.From(config) is { } options)
                return options;
            faults.Add(
                $"{config.Place(AuthStrategyOption)}: keystone needs a log-in in [{AuthTokenOptions.SectionName}]; write auth_type = password, auth_url, "
                + "username, user_domain_name, password, project_name and project_domain_name there");
        }
        catch (ConfigException fault)
        {
            faults.AddRange(fault.Faults);
        }
        return null;
    }

    private static void CheckTls(CyborgConfig config, bool tls, List<string> faults)
    {
        if (!tls)
            return;
        if (config.Get(CertFileOption) is null)
            faults.Add($"{config.Place(EnableTlsOption)}: TLS needs [ssl] cert_file");
        foreach (var option in new[] { CertFileOption, KeyFileOption })
        {
            if (config.Get(option) is { } file && !File.Exists(file))
                faults.Add($"{config.Place(option)}: there is no file {Printable.Escape(file, 200)}");
        }
    }

    private static void CheckPublicEndpoint(CyborgConfig config, List<string> faults)
    {
        if (config.Get(PublicEndpointOption) is { } text
            && !(Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            faults.Add($"{config.Place(PublicEndpointOption)}: '{Printable.Escape(text, 200)}' is no address; write https://host/path");
    }

    private static CorsSettings? ReadCors(CyborgConfig config)
    {
        var origins = config.Get(CorsOriginsOption);
        return origins.Count == 0
            ? null
            : new CorsSettings(origins, config.Get(CorsCredentialsOption), TimeSpan.FromSeconds(config.Get(CorsMaxAgeOption)));
    }
}
