using Cyborg.Model;

namespace Cyborg.Messaging.Contracts;

/// <summary>An answer that says only that it was done.</summary>
public sealed record Done
{
    /// <summary>The one value.</summary>
    public static Done Instance { get; } = new();
}

/// <summary>Everything an agent found on its host in one cycle.</summary>
/// <param name="Agent">Who speaks.</param>
/// <param name="Drivers">One entry for each enabled driver, also for one whose discovery failed.</param>
/// <param name="InitiallyReady">The agent's <c>[devices] initial_state</c> is <c>ready</c>.</param>
/// <param name="Checksum">Of the drivers' part, see <see cref="InventoryChecksum"/>; kept with what is carried out.</param>
/// <param name="Epoch">The host's epoch as the agent was last told; a report for the present one ends a fence.</param>
public sealed record ReportInventory(AgentIdentity Agent, IReadOnlyList<DriverDiscovery> Drivers, bool InitiallyReady, string Checksum, long Epoch)
{
    /// <summary>True if the agent writes its host's providers to Placement: then rows of what is missing wait until it says that their providers are
    /// gone. Without a Placement they go as soon as nothing holds them.</summary>
    public bool ManagesProviders { get; init; }

    /// <summary>The backends of the enabled drivers; null from an agent that does not tell.</summary>
    public IReadOnlyList<ReportedBackend>? Backends { get; init; }

    /// <summary>The drivers that the agent runs; null from an agent that does not tell.</summary>
    public IReadOnlyList<ReportedDriver>? Running { get; init; }

    /// <summary>What the backends offer; null from an agent that does not tell.</summary>
    public IReadOnlyList<ReportedService>? Services { get; init; }
}

/// <summary>What the conductor wants of the host after a report.</summary>
/// <param name="Install">Devices in <see cref="DeviceState.Installing"/>: run their driver's install, then send <see cref="ReportInstall"/>.</param>
/// <param name="Epoch">The host's present epoch.</param>
public sealed record InventoryReply(IReadOnlyList<InstallDevice> Install, long Epoch)
{
    /// <summary>Version of what Placement is to show of the host, see <see cref="HostProviders"/>.</summary>
    public long Providers { get; init; }
}

/// <summary>A device that its driver is to install; idempotent.</summary>
/// <param name="DeviceUuid">The device.</param>
/// <param name="Driver">Entry name of the driver.</param>
/// <param name="ControlPath">The device's identity on the host.</param>
public sealed record InstallDevice(Guid DeviceUuid, string Driver, DriverControlPath ControlPath);

/// <summary>How an install went.</summary>
/// <param name="Error">Null if it worked, else the reason.</param>
public sealed record InstallResult(string? Error);

/// <summary>An agent tells how an install went that it did on its own account.</summary>
/// <param name="DeviceUuid">The device.</param>
/// <param name="Error">Null if it worked, else the reason.</param>
public sealed record ReportInstall(Guid DeviceUuid, string? Error);

/// <summary>How many rows a list may have and how they are sorted.</summary>
/// <param name="Limit">At most so many; null for all.</param>
/// <param name="SortKey">A column that the noun allows; null for its default.</param>
/// <param name="Descending">Direction.</param>
public sealed record ListOptions(int? Limit, string? SortKey, bool Descending);

/// <summary>Lists devices; each filter is exact, null means any.</summary>
/// <param name="Type">Kind; a word that is no kind matches nothing.</param>
/// <param name="Vendor">Vendor.</param>
/// <param name="Hostname">Host.</param>
/// <param name="Options">Limit and order; null for all, oldest first.</param>
public sealed record ListDevices(string? Type, string? Vendor, string? Hostname, ListOptions? Options);

/// <summary>Devices.</summary>
/// <param name="Devices">In the order asked for.</param>
public sealed record DeviceList(IReadOnlyList<Device> Devices)
{
    /// <summary>Revision of the inventory that this was taken from, see <see cref="ReadRevision"/>.</summary>
    public long Revision { get; init; }
}

/// <summary>Names one object.</summary>
/// <param name="Uuid">Its public identity.</param>
public sealed record ById(Guid Uuid);

/// <summary>Lists deployables.</summary>
/// <param name="Name">Exact name; null means any.</param>
/// <param name="Options">Limit and order; null for all, oldest first.</param>
public sealed record ListDeployables(string? Name, ListOptions? Options);

/// <summary>Deployables.</summary>
/// <param name="Deployables">In the order asked for.</param>
public sealed record DeployableList(IReadOnlyList<Deployable> Deployables)
{
    /// <summary>Revision of the inventory that this was taken from, see <see cref="ReadRevision"/>.</summary>
    public long Revision { get; init; }
}

/// <summary>Programs a deployable with an image.</summary>
/// <param name="DeployableUuid">The deployable.</param>
/// <param name="ImageUuid">The image.</param>
public sealed record ProgramDeployable(Guid DeployableUuid, Guid ImageUuid);

/// <summary>Lists attributes; null means any.</summary>
/// <param name="DeployableId">Key of the deployable.</param>
/// <param name="Key">Name of the fact.</param>
public sealed record ListAttributes(int? DeployableId, string? Key);

/// <summary>Attributes.</summary>
/// <param name="Attributes">Oldest first.</param>
public sealed record AttributeList(IReadOnlyList<DeployableAttribute> Attributes)
{
    /// <summary>Revision of the inventory that this was taken from, see <see cref="ReadRevision"/>.</summary>
    public long Revision { get; init; }
}

/// <summary>Makes an attribute; one of the two names of the deployable is set.</summary>
/// <param name="DeployableId">Key of the deployable.</param>
/// <param name="DeployableUuid">Public identity of the deployable.</param>
/// <param name="Key">Name of the fact.</param>
/// <param name="Value">The fact.</param>
public sealed record CreateAttribute(int? DeployableId, Guid? DeployableUuid, string Key, string Value);
