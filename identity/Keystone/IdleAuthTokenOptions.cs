using Cyborg.Hosting;

namespace Cyborg.Identity.Keystone;

/// <summary>Options of <c>[keystone_authtoken]</c> that keystonemiddleware reads and that change nothing here.</summary>
internal static class IdleAuthTokenOptions
{
    private const string Section = AuthTokenOptions.SectionName;
    private const string Memory = "tokens are remembered in this process";

    private static readonly Dictionary<string, string> Reasons = new()
    {
        ["interface"] = "tokens are validated at auth_url",
        ["auth_version"] = "the Identity API is version 3",
        ["enforce_token_bind"] = "Keystone binds tokens no more",
    };

    /// <summary>Those that nobody misses: no answer of Keystone has a catalog here, and nothing asks for one.</summary>
    public static IReadOnlyList<Option> Quiet { get; } =
        [Options.Boolean(Section, "include_service_catalog", true, "Accepted for old files, without effect.")];

    /// <summary>Those of which an operator who sets one is told why.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        Idle("interface"), Idle("auth_version"), Idle("enforce_token_bind"), Idle("cache"), Idle("memcached_servers"), Idle("memcache_servers"),
        Idle("memcache_security_strategy"), Idle("memcache_pool_dead_retry"), Idle("memcache_pool_maxsize"), Idle("memcache_pool_socket_timeout"),
        Idle("memcache_pool_unused_timeout"), Idle("memcache_pool_conn_get_timeout"), Idle("memcache_use_advanced_pool"),
        Idle("memcache_sasl_enabled"), Idle("memcache_username"), Secret("memcache_password"), Secret("memcache_secret_key"),
        Idle("memcache_tls_enabled"), Idle("memcache_tls_cafile"), Idle("memcache_tls_certfile"), Idle("memcache_tls_keyfile"),
        Idle("memcache_tls_allowed_ciphers"),
    ];

    /// <summary>Why it has no effect.</summary>
    public static string WhyOf(Option option) => Reasons.GetValueOrDefault(option.Name, Memory);

    private static Option<string?> Idle(string name) => Options.OptionalString(Section, name, Help(name));

    private static Option<string> Secret(string name) => Options.Secret(Section, name, "", Help(name));

    private static string Help(string name) => $"Accepted for old files, without effect: {Reasons.GetValueOrDefault(name, Memory)}.";
}
