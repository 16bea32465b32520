using Cyborg.Hosting;
using Cyborg.Identity.Session;

namespace Cyborg.Identity.Keystone;

/// <summary>What <c>[keystone_authtoken]</c> says: how callers' tokens are validated. Names are keystonemiddleware's; <c>service_token_roles_required</c>
/// is true by default, as Cyborg sets it.</summary>
public sealed record AuthTokenOptions
{
    /// <summary>Its section.</summary>
    public const string SectionName = "keystone_authtoken";

    /// <summary>How the service logs in, for the right to ask.</summary>
    public static readonly ServiceSection Section = new(SectionName, "identity");

    /// <summary><c>www_authenticate_uri</c>.</summary>
    public static readonly Option<string?> WwwAuthenticateUriOption = Options.OptionalString(
        SectionName, "www_authenticate_uri", "Address of Keystone that callers without a token are told; auth_url if not set.");

    /// <summary><c>auth_uri</c>.</summary>
    public static readonly Option<string?> AuthUriOption = Options.OptionalString(SectionName, "auth_uri", "Old name of www_authenticate_uri.");

    /// <summary><c>delay_auth_decision</c>.</summary>
    public static readonly Option<bool> DelayOption = Options.Boolean(
        SectionName, "delay_auth_decision", false, "Let requests without a good token pass as nobody's; policy then refuses them with 403.");

    /// <summary><c>token_cache_time</c>.</summary>
    public static readonly Option<int> CacheTimeOption = Options.Integer(
        SectionName, "token_cache_time", 300,
        "Seconds for which a good token is not asked for again, and so for which a revoked one still works; 0 or -1: each request asks.",
        min: -1, max: 86_400);

    /// <summary><c>token_cache_entries</c>, ours.</summary>
    public static readonly Option<int> CacheEntriesOption = Options.Integer(
        SectionName, "token_cache_entries", 10_000, "Most good tokens that are remembered, and most refused ones.", min: 1, max: 1_000_000);

    /// <summary><c>service_token_roles</c>.</summary>
    public static readonly Option<IReadOnlyList<string>> ServiceRolesOption = Options.List(
        SectionName, "service_token_roles", ["service"], "Roles of which a service token needs one.");

    /// <summary><c>service_token_roles_required</c>.</summary>
    public static readonly Option<bool> ServiceRolesRequiredOption = Options.Boolean(
        SectionName, "service_token_roles_required", true, "Refuse a request whose service token has none of service_token_roles.");

    /// <summary><c>http_connect_timeout</c>.</summary>
    public static readonly Option<int> ConnectTimeoutOption = Options.Integer(
        SectionName, "http_connect_timeout", 0, "Seconds for one question to Keystone; 0: as timeout says.", min: 0, max: 3600);

    /// <summary><c>http_request_max_retries</c>.</summary>
    public static readonly Option<int> MaxRetriesOption = Options.Integer(
        SectionName, "http_request_max_retries", 3, "How often a question to Keystone is asked again; connect_retries if not set.", min: 0, max: 10);

    /// <summary><c>jws_public_keys</c>, ours.</summary>
    public static readonly Option<string?> JwsKeysOption = Options.OptionalString(
        SectionName, "jws_public_keys",
        "Folder with Keystone's public keys, PEM, where its tokens are JWS: forged and expired ones are then refused without asking Keystone. Read again when it changes.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        .. Section.All, WwwAuthenticateUriOption, AuthUriOption, DelayOption, CacheTimeOption, CacheEntriesOption, ServiceRolesOption,
        ServiceRolesRequiredOption, ConnectTimeoutOption, MaxRetriesOption, JwsKeysOption, .. IdleAuthTokenOptions.Quiet, .. IdleAuthTokenOptions.All,
    ];

    /// <summary>How the service asks Keystone.</summary>
    public required KeystoneSessionOptions Session { get; init; }
    /// <summary>How much is remembered.</summary>
    public TokenValidatorOptions Cache { get; init; } = new();
    /// <summary>Where callers find Keystone.</summary>
    public required string WwwAuthenticateUri { get; init; }
    /// <summary>Roles of which a service token needs one.</summary>
    public IReadOnlyList<string> ServiceTokenRoles { get; init; } = ["service"];
    /// <summary>True to refuse a request whose service token has none of them.</summary>
    public bool ServiceTokenRolesRequired { get; init; } = true;
    /// <summary>True to let requests without a good token pass as nobody's.</summary>
    public bool DelayAuthDecision { get; init; }
    /// <summary>Folder of Keystone's public keys; null if tokens are not looked at before Keystone is asked.</summary>
    public string? JwsPublicKeys { get; init; }
    /// <summary>Lines for the log: what is set without effect, and what stands for what is not set.</summary>
    public IReadOnlyList<string> Advice { get; init; } = [];

    /// <summary>Reads the section.</summary>
    /// <param name="config">The configuration.</param>
    /// <returns>Null if the section has no log-in.</returns>
    /// <exception cref="ConfigException">Anything in it is wrong, one line each; no line has a secret.</exception>
    public static AuthTokenOptions? From(CyborgConfig config)
    {
        var faults = new List<string>();
        var address = ReadAddress(config, faults);
        CheckKeys(config, faults);
        KeystoneSessionOptions? session = null;
        try
        {
            session = Section.Read(config);
        }
        catch (ConfigException fault)
        {
            faults.InsertRange(0, fault.Faults);
        }
        if (faults.Count > 0)
            throw new ConfigException(faults);
        return session is null ? null : new AuthTokenOptions
        {
            Session = Tune(config, session),
            Cache = new TokenValidatorOptions
            {
                CacheTime = TimeSpan.FromSeconds(config.Get(CacheTimeOption)),
                MaxEntries = config.Get(CacheEntriesOption),
            },
            WwwAuthenticateUri = address ?? session.AuthUrl.GetLeftPart(UriPartial.Path),
            ServiceTokenRoles = config.Get(ServiceRolesOption),
            ServiceTokenRolesRequired = config.Get(ServiceRolesRequiredOption),
            DelayAuthDecision = config.Get(DelayOption),
            JwsPublicKeys = config.Get(JwsKeysOption),
            Advice = [.. ReadAdvice(config, address)],
        };
    }

    private static string? ReadAddress(CyborgConfig config, List<string> faults)
    {
        var option = config.Get(WwwAuthenticateUriOption) is null ? AuthUriOption : WwwAuthenticateUriOption;
        if (config.Get(option) is { } text && !(KeystoneOptions.IsHeaderSafe(text) && Uri.TryCreate(text, UriKind.Absolute, out var uri) && KeystoneSessionOptions.IsPlainHttp(uri)))
            faults.Add($"{config.Place(option)}: is no http or https address; write http://controller:5000");
        return config.Get(option);
    }

    private static void CheckKeys(CyborgConfig config, List<string> faults)
    {
        if (config.Get(JwsKeysOption) is { } folder && JwsKeys.FaultIn(folder) is { } fault)
            faults.Add($"{config.Place(JwsKeysOption)}: {Printable.Escape(folder, 200)} {fault}");
    }

    private static KeystoneSessionOptions Tune(CyborgConfig config, KeystoneSessionOptions session)
    {
        if (config.Get(ConnectTimeoutOption) is > 0 and var seconds)
            session = session with { Timeout = TimeSpan.FromSeconds(seconds) };
        return config.IsSet(MaxRetriesOption)
            ? session with { Retries = config.Get(MaxRetriesOption), StatusRetries = config.Get(MaxRetriesOption) }
            : session;
    }

    private static IEnumerable<string> ReadAdvice(CyborgConfig config, string? address)
    {
        foreach (var option in IdleAuthTokenOptions.All.Where(config.IsSet))
            yield return $"{config.Place(option)} has no effect: {IdleAuthTokenOptions.WhyOf(option)}";
        if (address is null)
            yield return $"{config.Place(WwwAuthenticateUriOption)} is not set; callers are told auth_url";
    }
}
