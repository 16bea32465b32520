using Cyborg.Agent.Accelerators;
using Cyborg.Agent.Images;
using Cyborg.Agent.Packages;
using Cyborg.Agent.Providers;
using Cyborg.Agent.Usage;
using Cyborg.Drivers;
using Cyborg.Drivers.Fake;
using Cyborg.Drivers.Generic;
using Cyborg.Hosting;

namespace Cyborg.Agent;

/// <summary>Options of an agent and of the drivers that come with it, read and checked once at start.</summary>
public sealed record AgentOptions
{
    /// <summary><c>[DEFAULT] periodic_interval</c>.</summary>
    public static readonly Option<int> PeriodicIntervalOption = Options.Integer(
        "DEFAULT", "periodic_interval", 60, "Seconds between two looks at the host's devices, at most.", min: 1, max: 86400);

    /// <summary><c>[agent] enabled_drivers</c>.</summary>
    public static readonly Option<IReadOnlyList<string>> EnabledDriversOption = Options.List(
        "agent", "enabled_drivers", [FakeDriver.EntryName], $"Drivers to use: {FakeDriver.EntryName}, {GenericDriver.EntryName}.") with
    {
        IsMutable = true,
    };

    /// <summary><c>[agent] discovery_timeout</c>.</summary>
    public static readonly Option<int> DiscoveryTimeoutOption = Options.Integer(
        "agent", "discovery_timeout", 30, "Seconds that one driver may take to look for its devices; then it counts as failed.", min: 1, max: 3600);

    /// <summary><c>[agent] image_path</c>.</summary>
    public static readonly Option<string?> ImagePathOption = Options.OptionalString(
        "agent", "image_path", "Folder of images for programming, each named by its UUID; looked into before the image service of [glance] is asked. An absolute path.");

    /// <summary><c>[devices] initial_state</c>.</summary>
    public static readonly Option<string> InitialStateOption = Options.Choice(
        "devices", "initial_state", "inactive", ["inactive", "ready"],
        "What becomes of a new device: inactive waits for an operator, ready is installed and offered at once.");

    /// <summary><c>[fake] devices</c>.</summary>
    public static readonly Option<int> FakeDevicesOption = Options.Integer(
        "fake", "devices", 1, "Devices that the fake driver pretends.", min: 0, max: FakeDriverOptions.MaxDevices) with
    {
        IsMutable = true,
    };

    /// <summary><c>[fake] handles</c>.</summary>
    public static readonly Option<int> FakeHandlesOption = Options.Integer(
        "fake", "handles", 16, "Attach handles of each fake device.", min: 1, max: FakeDriverOptions.MaxHandles) with
    {
        IsMutable = true,
    };

    /// <summary><c>[fake] delay</c>.</summary>
    public static readonly Option<double> FakeDelayOption = Options.Number(
        "fake", "delay", 0, "Seconds that each operation of the fake driver takes; at most a day.") with
    {
        IsMutable = true,
    };

    /// <summary><c>[fake] fail</c>.</summary>
    public static readonly Option<IReadOnlyList<string>> FakeFailOption = Options.List(
        "fake", "fail", [], "Operations of the fake driver that fail: discover, install, uninstall, program, attach, detach, probe.") with
    {
        IsMutable = true,
    };

    /// <summary><c>[fake] host_work</c>.</summary>
    public static readonly Option<bool> FakeHostWorkOption = Options.Boolean(
        "fake", "host_work", false, "The fake devices' handles are attached and detached by the agent, as mediated devices are.") with
    {
        IsMutable = true,
    };

    /// <summary><c>[fake] attach_path</c>.</summary>
    public static readonly Option<string?> FakeAttachPathOption = Options.OptionalString(
        "fake", "attach_path",
        "Folder where the fake driver keeps a file for each attached handle, as hardware would keep its state; in memory without it. An absolute path.") with
    {
        IsMutable = true,
    };

    /// <summary>All of them, those shared by every executable included.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        .. SharedOptions.All,
        PeriodicIntervalOption, EnabledDriversOption, DiscoveryTimeoutOption, SharedOptions.HeartbeatIntervalOption, ImagePathOption, InitialStateOption,
        FakeDevicesOption, FakeHandlesOption, FakeDelayOption, FakeFailOption, FakeHostWorkOption, FakeAttachPathOption,
        .. GenericOptions.All, .. ImageOptions.All, .. ProviderOptions.All, .. ProbeOptions.All, .. UsageOptions.All, .. PackageOptions.All,
    ];

    /// <summary>Name of this host on the bus and in its deployables' names.</summary>
    public required string Host { get; init; }
    /// <summary>Folder of what the agent must not forget: <c>agent</c> in <c>[DEFAULT] state_path</c>.</summary>
    public required string StateFolder { get; init; }
    /// <summary>Longest time between two heartbeats.</summary>
    public required TimeSpan HeartbeatInterval { get; init; }
    /// <summary>Longest time between two cycles.</summary>
    public required TimeSpan PeriodicInterval { get; init; }
    /// <summary>Time of one driver's discovery.</summary>
    public required TimeSpan DiscoveryTimeout { get; init; }
    /// <summary>Entry names of the drivers in use.</summary>
    public required IReadOnlyList<string> EnabledDrivers { get; init; }
    /// <summary>Folder of images; null if there is none.</summary>
    public required string? ImagePath { get; init; }
    /// <summary>The image service, and the bounds of images.</summary>
    public ImageOptions Images { get; init; } = new();
    /// <summary>Placement, and the host's providers there.</summary>
    public ProviderOptions Providers { get; init; } = new();
    /// <summary>How the health of installed devices is looked at.</summary>
    public ProbeOptions Probes { get; init; } = new();
    /// <summary>How often the use of devices is measured.</summary>
    public UsageOptions Usage { get; init; } = new();
    /// <summary>Where drivers come from that are installed while the agent runs.</summary>
    public PackageOptions Packages { get; init; } = new();
    /// <summary>True if new devices are offered at once.</summary>
    public required bool InitiallyReady { get; init; }
    /// <summary>The fake driver's part.</summary>
    public required FakeDriverOptions Fake { get; init; }
    /// <summary>The generic driver's part.</summary>
    public required GenericDriverOptions Generic { get; init; }

    /// <summary>Reads and checks them.</summary>
    /// <exception cref="ConfigException">Anything is wrong; it has all faults, one line each.</exception>
    public static AgentOptions From(CyborgConfig config)
    {
        var faults = new List<string>();
        var host = config.Get(SharedOptions.HostOption);
        var stateFolder = Path.GetFullPath(Path.Combine(config.Get(SharedOptions.StatePathOption), "agent"));
        var options = new AgentOptions
        {
            Host = host,
            StateFolder = stateFolder,
            HeartbeatInterval = TimeSpan.FromSeconds(config.Get(SharedOptions.HeartbeatIntervalOption)),
            PeriodicInterval = TimeSpan.FromSeconds(config.Get(PeriodicIntervalOption)),
            DiscoveryTimeout = TimeSpan.FromSeconds(config.Get(DiscoveryTimeoutOption)),
            EnabledDrivers = config.Get(EnabledDriversOption),
            ImagePath = ReadImagePath(config, faults),
            Images = ImageOptions.Read(config, faults),
            Providers = ProviderOptions.Read(config, host, faults),
            Probes = ProbeOptions.Read(config),
            Usage = UsageOptions.Read(config),
            Packages = PackageOptions.Read(config, faults),
            InitiallyReady = config.Get(InitialStateOption) == "ready",
            Fake = ReadFake(config, host, faults),
            Generic = GenericOptions.Read(config, host, stateFolder, faults),
        };
        if (options.Catalog(TimeProvider.System).Fault(options.EnabledDrivers) is { } fault)
            faults.Add($"{config.Place(EnabledDriversOption)}: {fault}");
        return faults.Count == 0 ? options : throw new ConfigException(faults);
    }

    /// <summary>The drivers there are, with these options.</summary>
    internal DriverCatalog Catalog(TimeProvider time) => DriverCatalog.BuiltIn(Fake, Generic, time);

    private static string? ReadImagePath(CyborgConfig config, List<string> faults)
    {
        if (config.Get(ImagePathOption) is not { } path)
            return null;
        if (!Path.IsPathRooted(path))
            faults.Add($"{config.Place(ImagePathOption)}: '{path}' is no absolute path");
        else if (!Directory.Exists(path))
            faults.Add($"{config.Place(ImagePathOption)}: '{path}' is no folder that this service can see");
        return path;
    }

    private static FakeDriverOptions ReadFake(CyborgConfig config, string host, List<string> faults)
    {
        var names = Enum.GetValues<FakeOperation>().ToDictionary(operation => operation.ToString().ToLowerInvariant());
        var fail = config.Get(FakeFailOption);
        var unknown = fail.Where(name => !names.ContainsKey(name)).Select(name => $"'{name}'").ToList();
        if (unknown.Count > 0)
            faults.Add($"{config.Place(FakeFailOption)}: unknown operation {string.Join(", ", unknown)}; write any of {string.Join(", ", names.Keys)}");
        var attachPath = config.Get(FakeAttachPathOption);
        if (attachPath is not null && !Path.IsPathRooted(attachPath))
            faults.Add($"{config.Place(FakeAttachPathOption)}: '{attachPath}' is no absolute path");
        var delay = config.Get(FakeDelayOption);
        if (delay > 86400)
            faults.Add($"{config.Place(FakeDelayOption)}: {delay} is more than a day; write at most 86400");
        return new FakeDriverOptions
        {
            Host = host,
            Devices = config.Get(FakeDevicesOption),
            Handles = config.Get(FakeHandlesOption),
            Delay = TimeSpan.FromSeconds(Math.Min(delay, 86400)),
            HostWork = config.Get(FakeHostWorkOption),
            AttachPath = attachPath,
            Fail = [.. fail.Where(names.ContainsKey).Select(name => names[name])],
        };
    }
}
