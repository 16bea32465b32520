using System.Globalization;
using Cyborg.Conductor.Nova;
using Cyborg.Hosting;
using Cyborg.Identity.Session;
using Cyborg.Placement;

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

    /// <summary><c>[generic] default_host</c>.</summary>
    public static readonly Option<string?> DefaultHostOption = Options.OptionalString(
        "generic", "default_host", "Host on which accelerators are created when nobody says where; the only one that can by default.");

    /// <summary><c>[generic] default_backend</c>, which the host's agent reads, too.</summary>
    public static readonly Option<string?> DefaultBackendOption = Options.OptionalString(
        "generic", "default_backend", "Backend that creates accelerators when nobody says which; the first that can by default.");

    private static readonly ServiceSection PlacementSection = new("placement", PlacementClient.ServiceType);

    /// <summary>All of them, those shared by every executable included.</summary>
    public static IReadOnlyList<Option> All { get; } =
        [.. SharedOptions.All, RpcWorkersOption, SaveIntervalOption, LeaseTimeoutOption, SharedOptions.HeartbeatIntervalOption, DefaultHostOption, DefaultBackendOption, .. PlacementSection.All, .. NovaOptions.All];

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

    /// <summary>Where accelerators are created when nobody says where; null for the only host that can.</summary>
    public string? DefaultHost { get; init; }

    /// <summary>The backend that creates accelerators when nobody says which; null for a host's first.</summary>
    public string? DefaultBackend { get; init; }

    /// <summary>How long the device of a new accelerator is waited for, so that who asks next finds it.</summary>
    internal TimeSpan DevicePatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>What a caller who waits for others needs of its time to hear of the outcome: so much earlier nobody is waited for any more.</summary>
    internal TimeSpan AnswerMargin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an operator's call waits for an agent, all its questions together.</summary>
    internal TimeSpan AgentPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one look at the database may take before it counts as failed.</summary>
    internal TimeSpan LookTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How Placement is reached, which is shown the fences of dead agents' hosts; null if it is not.</summary>
    public KeystoneSessionOptions? Placement { get; init; }

    /// <summary>Reads them.</summary>
    /// <exception cref="ConfigException">The lease is too short for the heartbeats, or <c>[nova]</c> or <c>[placement]</c> can not be used: one line for each
    /// fault, all at once.</exception>
    public static ConductorOptions From(CyborgConfig config)
    {
        List<string> faults = [];
        var options = new ConductorOptions
        {
            Connection = SharedOptions.From(config).Connection,
            RpcWorkers = config.Get(RpcWorkersOption),
            SaveInterval = TimeSpan.FromSeconds(config.Get(SaveIntervalOption)),
            LeaseTimeout = TimeSpan.FromSeconds(config.Get(LeaseTimeoutOption)),
            Nova = Read(() => NovaOptions.From(config), faults)!,
            DefaultHost = config.Get(DefaultHostOption),
            DefaultBackend = config.Get(DefaultBackendOption),
            Placement = Read(() => PlacementSection.Read(config), faults),
        };
        faults.AddRange(LeaseFaults(config, options));
        return faults.Count == 0 ? options : throw new ConfigException(faults);
    }

    /// <summary>The values without those that may hold a password.</summary>
    public override string ToString() =>
        $"ConductorOptions {{ RpcWorkers = {RpcWorkers}, SaveInterval = {SaveInterval}, LeaseTimeout = {LeaseTimeout} }}";

    private static T? Read<T>(Func<T> section, List<string> faults) where T : class?
    {
        try
        {
            return section();
        }
        catch (ConfigException error)
        {
            faults.AddRange(error.Faults);
            return null;
        }
    }

    private static IEnumerable<string> LeaseFaults(CyborgConfig config, ConductorOptions options)
    {
        // Two signs of life in a row may be lost, and the third still comes in time.
        var least = 3 * (TimeSpan.FromSeconds(config.Get(SharedOptions.HeartbeatIntervalOption)) + options.SaveInterval);
        if (options.LeaseTimeout < least)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{config.Place(LeaseTimeoutOption)}: {options.LeaseTimeout.TotalSeconds} is too short: write at least {least.TotalSeconds}, three times [agent] heartbeat_interval and [conductor] save_interval together");
        }
    }
}
