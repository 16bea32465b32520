namespace Cyborg.Hosting;

/// <summary>Options in a file that nobody knows: most are typing errors, so they are told once each.</summary>
internal static class UnknownOptions
{
    /// <summary>Sections of the services that share one file: a service that knows no option of such a section leaves it to the
    /// others.</summary>
    private static readonly HashSet<string> HouseSections =
    [
        "DEFAULT", "api", "agent", "conductor", "database", "devices", "fake", "generic", "glance", "gpu_devices", "healthcheck",
        "keystone_authtoken", "mdev", "nic_devices", "nova", "oslo_middleware", "oslo_policy", "pci", "placement", "service_user", "static",
    ];

    /// <summary>Options of sections that several services read, each its own part of: one service's are no typing errors to another.</summary>
    private static readonly HashSet<(string Section, string Name)> HouseOptions =
    [
        ("DEFAULT", "rpc_response_timeout"), ("DEFAULT", "periodic_interval"), ("DEFAULT", "bind_timeout"), ("DEFAULT", "thread_pool_size"),
        ("agent", "enabled_drivers"), ("agent", "heartbeat_interval"), ("agent", "discovery_timeout"), ("agent", "image_path"), ("agent", "driver_packages"), ("agent", "driver_path"),
        ("agent", "resource_provider_name"), ("agent", "resource_provider_startup_retries"),
    ];

    public static IEnumerable<string> In(IReadOnlyList<ConfigEntry> entries, IReadOnlyList<Option> known)
    {
        var names = known.Select(option => (option.Section, option.Name)).ToHashSet();
        var sections = known.Select(option => option.Section).ToHashSet();
        var dynamic = known.Where(option => option.IsDynamic).ToList();
        // A section to which another refers for its log-in belongs to that one.
        var referred = entries.Where(entry => entry.Name == "auth_section").Select(entry => entry.Text).ToHashSet();
        // Those of the agent's backends have names that the operator chooses; an agent knows their options itself.
        if (!names.Contains(("*", "backend_driver")))
        {
            var foreign = entries.Where(entry => entry.Name == "backend_driver"
                || (entry.Section.StartsWith("vgpu_", StringComparison.Ordinal) && !sections.Contains("vgpu_*")));
            referred.UnionWith(foreign.Select(entry => entry.Section));
        }
        var told = new HashSet<(string, string)>();
        foreach (var entry in entries)
        {
            var isOthers = ((HouseSections.Contains(entry.Section) || referred.Contains(entry.Section)) && !sections.Contains(entry.Section))
                || HouseOptions.Contains((entry.Section, entry.Name));
            var isKnown = names.Contains((entry.Section, entry.Name)) || dynamic.Any(option => option.Declares(entry.Section, entry.Name));
            if (!isOthers && !isKnown && told.Add((entry.Section, entry.Name)))
            {
                yield return $"{Printable.Escape(entry.File)}:{entry.Line}: [{Printable.Escape(entry.Section, 100)}] " +
                    $"{Printable.Escape(entry.Name, 100)} is not an option that this service knows; it has no effect";
            }
        }
    }
}
