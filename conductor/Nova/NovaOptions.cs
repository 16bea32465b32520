using Cyborg.Hosting;
using Cyborg.Identity.Session;

namespace Cyborg.Conductor.Nova;

/// <summary>What the conductor must know to tell Nova how binds ended: <c>[nova]</c>, with a log-in to Keystone as upstream has it, or without Keystone by
/// <c>endpoint_override</c> alone.</summary>
public sealed record NovaOptions
{
    /// <summary>Nova's type in the catalog.</summary>
    internal const string ServiceType = "compute";

    private const string NoLogin = "none";

    private static readonly ServiceSection Section = new("nova", ServiceType);

    // These are the section's too, which takes them where there is a log-in.
    private static readonly Option<string?> TypeOption = Options.OptionalString("nova", "auth_type", "none: there is no Keystone.");
    private static readonly Option<string?> EndpointOption = Options.OptionalString("nova", "endpoint_override", "Address of the compute API.");

    /// <summary><c>[nova] event_timeout</c>.</summary>
    public static readonly Option<int> EventTimeoutOption = Options.Integer(
        "nova", "event_timeout", 300,
        "Seconds for which Nova is told of a failed bind before its request is shown as BindFailed; as long as Nova's arq_binding_timeout.", min: 1, max: 86400);

    /// <summary><c>[DEFAULT] bind_timeout</c>.</summary>
    public static readonly Option<int> BindTimeoutOption = Options.Integer(
        "DEFAULT", "bind_timeout", 60, "Seconds that work on the host may take in a bind while its agent cannot be reached.", min: 1, max: 86400);

    /// <summary><c>[nova] orphan_check_interval</c>.</summary>
    public static readonly Option<int> OrphanCheckIntervalOption = Options.Integer(
        "nova", "orphan_check_interval", 60,
        "Seconds after a bind when Nova is first asked what became of the server, whose requests are given back if it is gone or could not be started; later looks"
        + " are farther and farther apart. 0: Nova is never asked.", min: 0, max: 86400);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [.. Section.All, EventTimeoutOption, BindTimeoutOption, OrphanCheckIntervalOption];

    /// <summary>Nova's endpoint where there is no Keystone; null otherwise.</summary>
    public required Uri? Endpoint { get; init; }

    /// <summary>How to log in and to find Nova; null without Keystone.</summary>
    public KeystoneSessionOptions? Login { get; init; }

    /// <summary>True if Nova is told at all.</summary>
    public bool IsTold => Endpoint is not null || Login is not null;

    /// <summary>How long Nova is told of a failure.</summary>
    public required TimeSpan EventTimeout { get; init; }

    /// <summary>How long a bind waits for an agent.</summary>
    public required TimeSpan BindTimeout { get; init; }

    /// <summary>When Nova is first asked for a server after its bind; zero for never.</summary>
    public TimeSpan OrphanCheckInterval { get; init; }

    /// <summary>How long an answer of Nova may take.</summary>
    internal TimeSpan AnswerTimeout { get; init; } = NovaEndpoint.Timeout;

    /// <summary>True if Nova is asked what became of servers.</summary>
    public bool IsAsked => IsTold && OrphanCheckInterval > TimeSpan.Zero;

    /// <summary>Seconds from a bind until Nova may be asked for its server. Noted even if Nova is never asked, for that may change.</summary>
    internal double FirstCheckSeconds => OrphanCheckInterval > TimeSpan.Zero ? OrphanCheckInterval.TotalSeconds : OrphanCheckIntervalOption.Default;

    /// <summary>Reads them.</summary>
    /// <exception cref="ConfigException">The log-in or the endpoint can not be used, one line for each fault.</exception>
    public static NovaOptions From(CyborgConfig config)
    {
        var alone = config.Get(TypeOption) == NoLogin;
        var login = alone ? null : Section.Read(config);
        return new NovaOptions
        {
            Endpoint = login is null ? ReadEndpoint(config, required: alone) : null,
            Login = login,
            EventTimeout = TimeSpan.FromSeconds(config.Get(EventTimeoutOption)),
            BindTimeout = TimeSpan.FromSeconds(config.Get(BindTimeoutOption)),
            OrphanCheckInterval = TimeSpan.FromSeconds(config.Get(OrphanCheckIntervalOption)),
        };
    }

    private static Uri? ReadEndpoint(CyborgConfig config, bool required)
    {
        if (config.Get(EndpointOption) is not { } text)
            return required ? throw new ConfigException($"{config.Place(EndpointOption)}: is not set, and auth_type = none has no catalog; write http://HOST:8774/v2.1") : null;
        return Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
            ? uri
            : throw new ConfigException($"{config.Place(EndpointOption)}: is no http or https address without user and password; write http://HOST:8774/v2.1");
    }
}
