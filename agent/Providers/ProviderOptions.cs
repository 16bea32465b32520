using Cyborg.Hosting;
using Cyborg.Identity.Session;
using Cyborg.Placement;

namespace Cyborg.Agent.Providers;

/// <summary>How an agent keeps its host's resource providers in Placement. Without a log-in in <c>[placement]</c> it does not.</summary>
public sealed record ProviderOptions
{
    /// <summary><c>[placement]</c>.</summary>
    public static readonly ServiceSection Section = new("placement", PlacementClient.ServiceType);

    /// <summary><c>[agent] resource_provider_name</c>.</summary>
    public static readonly Option<string?> NameOption = Options.OptionalString(
        "agent", "resource_provider_name",
        "Name of the host's own resource provider, which its compute service makes: its hypervisor_hostname. Without it the name of the host ([DEFAULT] host).");

    /// <summary><c>[agent] resource_provider_startup_retries</c>.</summary>
    public static readonly Option<int> RetriesOption = Options.Integer(
        "agent", "resource_provider_startup_retries", 3,
        "Taken for the sake of older files, without effect: an agent starts without the host's resource provider and looks for it until it is there.", min: 0);

    /// <summary><c>[agent] placement_sync_interval</c>.</summary>
    public static readonly Option<int> SyncIntervalOption = Options.Integer(
        "agent", "placement_sync_interval", 60,
        "Seconds between two looks, one call each, at whether others have changed the host's resource providers.", min: 1, max: 86400);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [.. Section.All, NameOption, RetriesOption, SyncIntervalOption];

    /// <summary>How to log in and to find Placement; null without one.</summary>
    public KeystoneSessionOptions? Placement { get; init; }
    /// <summary>Name of the host's own provider.</summary>
    public string HostProvider { get; init; } = "";
    /// <summary>Longest time between two looks; a minute.</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>True if the agent writes providers at all.</summary>
    public bool Managed => Placement is not null;

    /// <summary>Reads them.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="host">Name of the host.</param>
    /// <param name="faults">Gets what is wrong, one line each.</param>
    public static ProviderOptions Read(CyborgConfig config, string host, List<string> faults)
    {
        KeystoneSessionOptions? placement = null;
        try
        {
            placement = Section.Read(config);
        }
        catch (ConfigException error)
        {
            faults.AddRange(error.Faults);
        }
        return new ProviderOptions
        {
            Placement = placement,
            HostProvider = config.Get(NameOption) ?? host,
            SyncInterval = TimeSpan.FromSeconds(config.Get(SyncIntervalOption)),
        };
    }
}
