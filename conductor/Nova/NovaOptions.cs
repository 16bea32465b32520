using Cyborg.Hosting;

namespace Cyborg.Conductor.Nova;

/// <summary>What the conductor must know to tell Nova how binds ended.</summary>
public sealed record NovaOptions
{
    /// <summary><c>[nova] endpoint_override</c>.</summary>
    public static readonly Option<string?> EndpointOption = Options.OptionalString(
        "nova", "endpoint_override", "Endpoint of the compute API, e.g. http://controller:8774/v2.1. Not set: nobody is told of binds.");

    /// <summary><c>[nova] event_timeout</c>.</summary>
    public static readonly Option<int> EventTimeoutOption = Options.Integer(
        "nova", "event_timeout", 300,
        "Seconds for which Nova is told of a failed bind before its request is shown as BindFailed; as long as Nova's arq_binding_timeout.", min: 1, max: 86400);

    /// <summary><c>[DEFAULT] bind_timeout</c>.</summary>
    public static readonly Option<int> BindTimeoutOption = Options.Integer(
        "DEFAULT", "bind_timeout", 60, "Seconds that work on the host may take in a bind while its agent cannot be reached.", min: 1, max: 86400);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [EndpointOption, EventTimeoutOption, BindTimeoutOption];

    /// <summary>Nova's endpoint; null if nobody is to be told.</summary>
    public required Uri? Endpoint { get; init; }

    /// <summary>How long Nova is told of a failure.</summary>
    public required TimeSpan EventTimeout { get; init; }

    /// <summary>How long a bind waits for an agent.</summary>
    public required TimeSpan BindTimeout { get; init; }

    /// <summary>Reads them.</summary>
    /// <exception cref="ConfigException">The endpoint is no http or https address.</exception>
    public static NovaOptions From(CyborgConfig config) => new()
    {
        Endpoint = config.Get(EndpointOption) is { } text ? ParseEndpoint(config, text) : null,
        EventTimeout = TimeSpan.FromSeconds(config.Get(EventTimeoutOption)),
        BindTimeout = TimeSpan.FromSeconds(config.Get(BindTimeoutOption)),
    };

    private static Uri ParseEndpoint(CyborgConfig config, string text) =>
        Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https")
            ? uri
            : throw new ConfigException($"{config.Place(EndpointOption)}: '{text}' is no address; write http://HOST:8774/v2.1");
}
