using System.Globalization;
using Cyborg.Conductor.Nova;
using Cyborg.Hosting;

namespace Cyborg.Conductor;

/// <summary>Options of the conductor.</summary>
public sealed record ConductorOptions
{
    /// <summary><c>[conductor] rpc_workers</c>.</summary>
    public static readonly Option<int> RpcWorkersOption = Options.Integer(
        "conductor", "rpc_workers", 32, "Calls that one conductor works on at the same time; reports of agents have as many of their own.", min: 1, max: 1024);

    /// <summary><c>[conductor] save_interval</c>.</summary>
    public static readonly Option<double> SaveIntervalOption = Options.Number(
        "conductor", "save_interval", 1, "Seconds between two writes of agents' signs of life: all that came in between are written at once.", min: 0.05);

    /// <summary><c>[conductor] lease_timeout</c>.</summary>
    public static readonly Option<double> LeaseTimeoutOption = Options.Number(
        "conductor", "lease_timeout", 60,
        "Seconds without a sign of life after which a host is fenced: at least three times [agent] heartbeat_interval and save_interval together.", min: 1);

    /// <summary>All of them, those shared by every executable included.</summary>
    public static IReadOnlyList<Option> All { get; } =
        [.. SharedOptions.All, RpcWorkersOption, SaveIntervalOption, LeaseTimeoutOption, SharedOptions.HeartbeatIntervalOption, .. NovaOptions.All];

    /// <summary>URL of the database; may hold a password.</summary>
    public required string Connection { get; init; }

    /// <summary>Calls at the same time.</summary>
    public required int RpcWorkers { get; init; }

    /// <summary>Time between two combined writes of heartbeats.</summary>
    public required TimeSpan SaveInterval { get; init; }

    /// <summary>How long a lease holds.</summary>
    public required TimeSpan LeaseTimeout { get; init; }

    /// <summary>How Nova is told of binds.</summary>
    public required NovaOptions Nova { get; init; }

    /// <summary>Reads them.</summary>
    /// <exception cref="ConfigException">The lease is too short for the heartbeats.</exception>
    public static ConductorOptions From(CyborgConfig config)
    {
        var options = new ConductorOptions
        {
            Connection = SharedOptions.From(config).Connection,
            RpcWorkers = config.Get(RpcWorkersOption),
            SaveInterval = TimeSpan.FromSeconds(config.Get(SaveIntervalOption)),
            LeaseTimeout = TimeSpan.FromSeconds(config.Get(LeaseTimeoutOption)),
            Nova = NovaOptions.From(config),
        };
        // Two signs of life in a row may be lost, and the third still comes in time.
        var least = 3 * (TimeSpan.FromSeconds(config.Get(SharedOptions.HeartbeatIntervalOption)) + options.SaveInterval);
        return options.LeaseTimeout >= least
            ? options
            : throw new ConfigException(string.Create(
                CultureInfo.InvariantCulture,
                $"{config.Place(LeaseTimeoutOption)}: {options.LeaseTimeout.TotalSeconds} is too short: write at least {least.TotalSeconds}, three times [agent] heartbeat_interval and [conductor] save_interval together"));
    }

    /// <summary>The values without the one that may hold a password.</summary>
    public override string ToString() =>
        $"ConductorOptions {{ RpcWorkers = {RpcWorkers}, SaveInterval = {SaveInterval}, LeaseTimeout = {LeaseTimeout} }}";
}
