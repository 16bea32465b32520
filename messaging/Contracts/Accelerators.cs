using Cyborg.Model;

namespace Cyborg.Messaging.Contracts;

/// <summary>Lists accelerators, oldest first; each filter is exact, null means any.</summary>
public sealed record ListAccelerators
{
    /// <summary>Name.</summary>
    public string? Name { get; init; }
    /// <summary>State's word; a word that is no state matches nothing.</summary>
    public string? State { get; init; }
    /// <summary>Host.</summary>
    public string? Host { get; init; }
    /// <summary>Backend.</summary>
    public string? Backend { get; init; }
    /// <summary>Entry name of the driver.</summary>
    public string? Driver { get; init; }
    /// <summary>Kind of device, as the spec says.</summary>
    public string? DeviceType { get; init; }
    /// <summary>What it does, see <see cref="AccSpecs.AccType"/>.</summary>
    public string? AccType { get; init; }
    /// <summary>Vendor.</summary>
    public string? VendorId { get; init; }
    /// <summary>Whether it is reached over the network.</summary>
    public bool? Remote { get; init; }
    /// <summary>Resource provider of one of its deployables.</summary>
    public Guid? ResourceProvider { get; init; }
    /// <summary>At most so many, from 1 on; null for all.</summary>
    public int? Limit { get; init; }
    /// <summary>The last one of the page before; null for the first page.</summary>
    public Guid? Marker { get; init; }
}

/// <summary>A page of accelerators.</summary>
/// <param name="Accelerators">Oldest first.</param>
/// <param name="More">True if there are more behind the last.</param>
public sealed record AcceleratorList(IReadOnlyList<Accelerator> Accelerators, bool More);

/// <summary>Has a backend make an accelerator.</summary>
/// <param name="Uuid">Its identity; null to have one made.</param>
/// <param name="Name">Its name, which no other has.</param>
/// <param name="Specs">What it is to be; null for something plain.</param>
/// <param name="Host">Host of the backend; null for the default one, or the only one.</param>
/// <param name="Backend">The backend; null for the default one.</param>
public sealed record CreateAccelerator(Guid? Uuid, string Name, AccSpecs? Specs, string? Host, string? Backend);

/// <summary>An accelerator is ordered, and made unless its backend takes long.</summary>
/// <param name="Uuid">Its identity.</param>
public sealed record AcceleratorCreated(Guid Uuid);

/// <summary>Changes what an accelerator is and can do.</summary>
/// <param name="Uuid">The accelerator.</param>
/// <param name="Change">What becomes different.</param>
/// <param name="Generations">Any of these the spec must be in; null for the one that it has when the call comes.</param>
public sealed record UpdateAccelerator(Guid Uuid, AccSpecsChange Change, IReadOnlyList<long>? Generations);

/// <summary>A conductor has an agent's backend make an accelerator. Its own repetition: an accelerator of this uuid is made once.</summary>
/// <param name="Driver">Entry name of the driver.</param>
/// <param name="Backend">The backend; null for the driver's default.</param>
/// <param name="Uuid">Identity of the accelerator.</param>
/// <param name="Name">Its name.</param>
/// <param name="Specs">What it is to be.</param>
public sealed record MakeAccelerator(string Driver, string? Backend, Guid Uuid, string Name, AccSpecs Specs);

/// <summary>A conductor has an agent's backend change or take away an accelerator that it has made. Its own repetition.</summary>
/// <param name="Driver">Entry name of the driver.</param>
/// <param name="Uuid">The accelerator.</param>
/// <param name="ControlPath">Its device.</param>
/// <param name="Specs">What it is to be; null to have it taken away.</param>
public sealed record ChangeAccelerator(string Driver, Guid Uuid, DriverControlPath ControlPath, AccSpecs? Specs);

/// <summary>How a backend's work ended.</summary>
/// <param name="Error">Null if it worked, else the reason.</param>
/// <param name="NotSupported">True if the backend cannot do such a thing at all.</param>
public sealed record BackendResult(string? Error, bool NotSupported);

/// <summary>A backend of an agent's driver.</summary>
/// <param name="Driver">Entry name of the driver.</param>
/// <param name="Backend">The backend's name.</param>
/// <param name="Kind">How the driver reaches it.</param>
/// <param name="Creates">True if accelerators can be made on it. The first one of a host that can is the host's default.</param>
public sealed record ReportedBackend(string Driver, string Backend, string Kind, bool Creates)
{
    /// <summary>Devices that it has; empty if the driver has no other backend.</summary>
    public IReadOnlyList<DriverControlPath> Devices { get; init; } = [];
}

/// <summary>An agent asks which devices it is to probe.</summary>
/// <param name="Agent">Who speaks; decided as for a heartbeat.</param>
public sealed record GetProbes(AgentIdentity Agent);

/// <summary>The installed devices of a host, and those that were found ill.</summary>
/// <param name="Devices">In the order of their keys.</param>
public sealed record ProbeList(IReadOnlyList<ProbeDevice> Devices);

/// <summary>A device whose health is to be looked at.</summary>
/// <param name="DeviceUuid">The device.</param>
/// <param name="Driver">Entry name of the driver.</param>
/// <param name="ControlPath">The device's identity on the host.</param>
/// <param name="Ill">True if an earlier probe found it ill.</param>
public sealed record ProbeDevice(Guid DeviceUuid, string Driver, DriverControlPath ControlPath, bool Ill);

/// <summary>An agent tells that a device's health has changed.</summary>
/// <param name="DeviceUuid">The device.</param>
/// <param name="Error">What is wrong; null if it was well often enough in a row.</param>
public sealed record ReportProbe(Guid DeviceUuid, string? Error);
