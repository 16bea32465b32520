using System.Net;
using Cyborg.Hosting.Telemetry;

namespace Cyborg.Hosting;

/// <summary>Options that every executable has.</summary>
public sealed record SharedOptions
{
    /// <summary><c>[DEFAULT] debug</c>.</summary>
    public static readonly Option<bool> DebugOption = Options.Boolean("DEFAULT", "debug", false, "Log details that help to find an error.") with { IsMutable = true };

    /// <summary><c>[DEFAULT] use_json</c>.</summary>
    public static readonly Option<bool> UseJsonOption = Options.Boolean("DEFAULT", "use_json", false, "Log each record as one line of JSON, with the keys of oslo.log.");

    /// <summary><c>[DEFAULT] host</c>.</summary>
    public static readonly Option<string> HostOption = Options.String(
        "DEFAULT", "host", Dns.GetHostName(), "Name of this host on the bus and in names of resource providers.", CheckHost) with
    {
        SampleDefault = "the name of this machine",
    };

    /// <summary><c>[DEFAULT] state_path</c>.</summary>
    public static readonly Option<string> StatePathOption = Options.String(
        "DEFAULT", "state_path", "/var/lib/cyborg", "Folder where the service keeps what must outlive a restart.");

    /// <summary><c>[DEFAULT] transport_url</c>.</summary>
    public static readonly Option<string> TransportUrlOption = Options.Secret(
        "DEFAULT", "transport_url", "nats://127.0.0.1:4222",
        "The bus between the services: nats://user:password@host:4222,... or inprocess:// within one process.",
        ConnectionUrls.CheckTransport);

    /// <summary><c>[database] connection</c>.</summary>
    public static readonly Option<string> ConnectionOption = Options.Secret(
        "database", "connection", "sqlite:///$state_path/cyborg.sqlite",
        "The database of the conductor: postgresql://user:password@host/name or sqlite:////path.", ConnectionUrls.CheckDatabase);

    /// <summary><c>[agent] heartbeat_interval</c>: the agent's, which the conductor compares with its own lease time-out.</summary>
    public static readonly Option<int> HeartbeatIntervalOption = Options.Integer(
        "agent", "heartbeat_interval", 10, "Seconds between two signs of life that an agent gives to the conductors.", min: 1, max: 3600);

    /// <summary>All that every executable has.</summary>
    public static IReadOnlyList<Option> All { get; } = [DebugOption, UseJsonOption, HostOption, StatePathOption, TransportUrlOption, ConnectionOption, .. TelemetryOptions.All];

    /// <summary>True to log details.</summary>
    public required bool Debug { get; init; }

    /// <summary>Name of this host on the bus.</summary>
    public required string Host { get; init; }

    /// <summary>Folder of what must outlive a restart.</summary>
    public required string StatePath { get; init; }

    /// <summary>URL of the bus; may hold a password.</summary>
    public required string TransportUrl { get; init; }

    /// <summary>URL of the database; may hold a password.</summary>
    public required string Connection { get; init; }

    /// <summary>Reads them.</summary>
    /// <param name="config">The configuration.</param>
    public static SharedOptions From(CyborgConfig config) => new()
    {
        Debug = config.Get(DebugOption),
        Host = config.Get(HostOption),
        StatePath = config.Get(StatePathOption),
        TransportUrl = config.Get(TransportUrlOption),
        Connection = config.Get(ConnectionOption),
    };

    /// <summary>The values without those that may hold a password.</summary>
    public override string ToString() => $"SharedOptions {{ Debug = {Debug}, Host = {Host}, StatePath = {StatePath} }}";

    private static string? CheckHost(string host) =>
        host.Length is 0 or > 255 || host.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
            ? "is not a host name; write 1 to 255 characters without white space"
            : null;
}
