using Cyborg.Hosting;

namespace Cyborg.Executables.Upgrade;

/// <summary>Options whose meaning or default is another one than upstream's, where the file leaves it open which is meant.</summary>
internal static class ChangedOptionsCheck
{
    // The agents' options, by name: their types are the agents' to judge.
    private static readonly Option<string?> InitialState = Hosting.Options.OptionalString("devices", "initial_state", "See the agent.");
    private static readonly Option<string?> ProviderName = Hosting.Options.OptionalString("agent", "resource_provider_name", "See the agent.");
    private static readonly Option<string?> Drivers = Hosting.Options.OptionalString("agent", "enabled_drivers", "See the agent.");
    private static readonly Option<string?> Workers = Hosting.Options.OptionalString("api", "api_workers", "See the API.");
    private static readonly Option<string?> RemoteChecks = Hosting.Options.OptionalString("oslo_policy", "remote_ssl_verify_server_crt", "See the API.");
    private static readonly Option<string?> RemoteType = Hosting.Options.OptionalString("oslo_policy", "remote_content_type", "See the API.");

    /// <summary>Drivers of upstream that are backends here, or not there.</summary>
    private static readonly string[] Known = ["fake_driver", "generic_driver"];

    /// <summary>The options that it reads.</summary>
    public static IReadOnlyList<Option> Options { get; } = [InitialState, ProviderName, Drivers];

    public static UpgradeCheck Of(CyborgConfig config) => UpgradeCheck.Of("Options That Changed Their Meaning", () =>
    {
        var found = Find(config).ToList();
        return found.Count == 0 ? UpgradeResult.Success : new(UpgradeCode.Warning, string.Join(" ", found));
    });

    private static IEnumerable<string> Find(CyborgConfig config)
    {
        if (!config.IsSet(InitialState))
        {
            yield return "[devices] initial_state is not set: a device that is found for the first time waits until an operator enables it; "
                + "write ready to have it offered at once, as upstream does.";
        }
        if (!config.IsSet(ProviderName))
        {
            yield return "[agent] resource_provider_name is not set: it is [DEFAULT] host then, where upstream takes the machine's full name; "
                + "write the host's hypervisor_hostname where the two differ.";
        }
        if (config.Get(Drivers) is { } drivers && drivers.Split(',').Select(driver => driver.Trim()).Except(Known).Where(driver => driver.Length > 0).ToList() is { Count: > 0 } others)
        {
            yield return $"[agent] enabled_drivers names {string.Join(", ", others)}: these services come with {string.Join(" and ", Known)}, "
                + "and its pci and mdev backends take the place of vendors' drivers that hand out whole functions or mediated devices.";
        }
        if (config.Get(Workers) is { } workers && workers != "1")
            yield return "[api] api_workers has no effect: one process uses every core; start more of them for more than that.";
        if (!config.IsSet(RemoteChecks) && config.IsSet(RemoteType))
            yield return "[oslo_policy] remote_ssl_verify_server_crt is true by default here, and false upstream.";
    }
}
