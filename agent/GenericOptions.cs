using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Mdev;
using Cyborg.Drivers.Generic.Pci;
using Cyborg.Drivers.Generic.Static;
using Cyborg.Hosting;

namespace Cyborg.Agent;

/// <summary>Options of the generic driver: <c>[generic]</c> names the backends, and each has a section of its own, as Cinder's have.</summary>
public static class GenericOptions
{
    /// <summary><c>[generic] enabled_backends</c>.</summary>
    public static readonly Option<IReadOnlyList<string>> EnabledBackendsOption = Options.List(
        "generic", "enabled_backends", [PciBackendKind, MdevBackendKind, StaticBackendKind],
        "Backends of the generic driver in the order in which they are asked, each with a section of its own.") with
    {
        IsMutable = true,
    };

    /// <summary><c>[generic] default_backend</c>.</summary>
    public static readonly Option<string?> DefaultBackendOption = Options.OptionalString(
        "generic", "default_backend", "Backend that creates accelerators when nobody says which; the first that can by default.") with
    {
        IsMutable = true,
    };

    /// <summary><c>[generic] sysfs_root</c>.</summary>
    public static readonly Option<string> SysfsRootOption = Options.String(
        "generic", "sysfs_root", "/sys", "Where the kernel's sysfs is.", path => Path.IsPathRooted(path) ? null : "is no absolute path") with
    {
        IsMutable = true,
    };

    /// <summary><c>backend_driver</c> of a backend's section.</summary>
    public static readonly Option<string?> BackendDriverOption = Options.OptionalString(
        "*", "backend_driver", $"Kind of the backend: {string.Join(", ", GenericDriver.KnownKinds)}. A backend named as a kind is of that kind by default.") with
    {
        IsMutable = true,
    };

    /// <summary><c>passthrough_whitelist</c> of a <c>pci</c> backend's section.</summary>
    public static readonly Option<IReadOnlyList<string>> PassthroughWhitelistOption = Options.Multi(
        "*", "passthrough_whitelist", [], "PCI devices that the backend offers. " + PciDeviceSpec.Syntax) with
    {
        IsMutable = true,
    };

    /// <summary><c>host_driver</c> of a <c>pci</c> backend's section.</summary>
    public static readonly Option<string?> HostDriverOption = Options.OptionalString(
        "*", "host_driver", "Kernel driver that a PCI function gets when it is attached to the host, e.g. vfio-pci; its own by default.") with
    {
        IsMutable = true,
    };

    /// <summary><c>inventory</c> of a <c>static</c> backend's section.</summary>
    public static readonly Option<string?> InventoryOption = Options.OptionalString(
        "*", "inventory", "File of the accelerators that the backend offers, an absolute path; read anew in each cycle. " + StaticInventory.Syntax) with
    {
        IsMutable = true,
    };

    /// <summary><c>enabled_vgpu_types</c> of an <c>mdev</c> backend's section.</summary>
    public static readonly Option<IReadOnlyList<string>> EnabledTypesOption = Options.List(
        "*", "enabled_vgpu_types", [], "Types of mediated devices that the backend offers; each has a section [vgpu_TYPE].") with
    {
        IsMutable = true,
    };

    /// <summary><c>[gpu_devices] enabled_vgpu_types</c>.</summary>
    public static readonly Option<IReadOnlyList<string>> GpuTypesOption = Options.List(
        "gpu_devices", "enabled_vgpu_types", [], "Types of mediated devices of mdev backends whose section names none.") with
    {
        IsMutable = true,
    };

    /// <summary><c>[vgpu_TYPE] device_addresses</c>.</summary>
    public static readonly Option<IReadOnlyList<string>> DeviceAddressesOption = Options.List(
        "vgpu_*", "device_addresses", [], "PCI addresses of the devices that offer the type, e.g. 0000:84:00.0.") with
    {
        IsMutable = true,
    };

    private const string PciBackendKind = "pci";
    private const string MdevBackendKind = "mdev";
    private const string StaticBackendKind = "static";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        EnabledBackendsOption, DefaultBackendOption, SysfsRootOption, GpuTypesOption, DeviceAddressesOption,
        BackendDriverOption, PassthroughWhitelistOption, HostDriverOption, InventoryOption, EnabledTypesOption,
    ];

    /// <summary>Reads and checks them.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="host">Name of the host.</param>
    /// <param name="stateFolder">The agent's folder.</param>
    /// <param name="faults">Gets what is wrong, one line each.</param>
    internal static GenericDriverOptions Read(CyborgConfig config, string host, string stateFolder, List<string> faults)
    {
        var backends = config.Get(EnabledBackendsOption).Distinct(StringComparer.Ordinal)
            .Select(name => Backend(config, name, host, stateFolder, faults)).OfType<GenericBackendOptions>().ToList();
        var options = new GenericDriverOptions { Backends = backends, DefaultBackend = config.Get(DefaultBackendOption) };
        // A backend that is wrong in itself has been told of, and may be the default one.
        if (faults.Count == 0 && options.Fault() is { } fault)
            faults.Add($"{config.Place(options.DefaultBackend is null ? EnabledBackendsOption : DefaultBackendOption)}: {fault}");
        return options;
    }

    private static GenericBackendOptions? Backend(CyborgConfig config, string name, string host, string stateFolder, List<string> faults)
    {
        var sysfs = config.Get(SysfsRootOption);
        var given = config.Get(BackendDriverOption with { Section = name });
        switch (given ?? name)
        {
            case PciBackendKind:
                return new PciBackendOptions
                {
                    Name = name,
                    Host = host,
                    SysfsRoot = sysfs,
                    Specs = Specs(config, name, faults),
                    HostDriver = HostDriver(config, name, faults),
                    AttachFolder = Path.Combine(stateFolder, "attach"),
                };
            case MdevBackendKind:
                return new MdevBackendOptions { Name = name, Host = host, SysfsRoot = sysfs, Types = Types(config, name, faults) };
            case StaticBackendKind:
                return new StaticBackendOptions
                {
                    Name = name,
                    Host = host,
                    InventoryFile = Inventory(config, name, faults),
                    StateFolder = Path.Combine(stateFolder, "generic"),
                };
            default:
                var kinds = string.Join(", ", GenericDriver.KnownKinds);
                faults.Add(given is null
                    ? $"{config.Place(EnabledBackendsOption)}: unknown backend '{name}'; known backends: {kinds}, and those with a section that sets backend_driver"
                    : $"{config.Place(BackendDriverOption with { Section = name })}: unknown kind of backend '{given}'; known kinds: {kinds}");
                return null;
        }
    }

    private static IReadOnlyList<PciDeviceSpec> Specs(CyborgConfig config, string section, List<string> faults)
    {
        var option = PassthroughWhitelistOption with { Section = section };
        var (specs, wrong) = PciSpecParser.Parse(config.Get(option));
        faults.AddRange(wrong.Select(fault => $"{config.Place(option)}: {fault}"));
        return specs;
    }

    private static string? HostDriver(CyborgConfig config, string section, List<string> faults)
    {
        var option = HostDriverOption with { Section = section };
        var driver = config.Get(option);
        if (driver is not null && !PciBackendOptions.IsDriverName(driver))
            faults.Add($"{config.Place(option)}: '{driver}' is no name of a kernel driver");
        return driver;
    }

    private static IReadOnlyList<MdevType> Types(CyborgConfig config, string section, List<string> faults)
    {
        var own = EnabledTypesOption with { Section = section };
        var option = config.IsSet(own) ? own : GpuTypesOption;
        var (types, wrong) = MdevType.Parse(config.Get(option), type => config.Get(DeviceAddressesOption with { Section = $"vgpu_{type}" }));
        faults.AddRange(wrong.Select(fault => $"{config.Place(option)}: {fault}"));
        return types;
    }

    private static string? Inventory(CyborgConfig config, string section, List<string> faults)
    {
        var option = InventoryOption with { Section = section };
        var file = config.Get(option);
        if (file is null)
            return null;
        if (Path.IsPathRooted(file))
            faults.AddRange(StaticInventory.Load(file).Faults);
        else
            faults.Add($"{config.Place(option)}: '{file}' is no absolute path");
        return file;
    }
}
