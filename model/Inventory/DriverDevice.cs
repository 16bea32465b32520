namespace Cyborg.Model;

/// <summary>A device as a driver reports it (upstream: cyborg/objects/driver_objects/driver_device.py).</summary>
public sealed record DriverDevice
{
    /// <summary>Vendor, usually a PCI vendor id.</summary>
    public required string Vendor { get; init; }
    /// <summary>Model.</summary>
    public required string Model { get; init; }
    /// <summary>Kind of device.</summary>
    public required DeviceType Type { get; init; }
    /// <summary>Board facts, usually JSON text.</summary>
    public string? StdBoardInfo { get; init; }
    /// <summary>Vendor's board facts.</summary>
    public string? VendorBoardInfo { get; init; }
    /// <summary>How the host reaches the device; its identity on the host.</summary>
    public required DriverControlPath ControlPath { get; init; }
    /// <summary>What the device offers.</summary>
    public required IReadOnlyList<DriverDeployable> Deployables { get; init; }
    /// <summary>True while the device is not usable yet: a report then neither adds nor removes it.</summary>
    public bool Stub { get; init; }
}

/// <summary>How a host reaches a device (upstream: driver_controlpath_id.py). Its info is an identity key, compared byte for byte.</summary>
/// <param name="CpidType">Kind of path; <c>PCI</c>.</param>
/// <param name="CpidInfo">JSON text of the address.</param>
public sealed record DriverControlPath(string CpidType, string CpidInfo);

/// <summary>A schedulable unit as a driver reports it (upstream: driver_deployable.py).</summary>
public sealed record DriverDeployable
{
    /// <summary>Name, unique on the host; becomes the resource provider's name.</summary>
    public required string Name { get; init; }
    /// <summary>How many accelerators it offers at once, at least 1.</summary>
    public required int NumAccelerators { get; init; }
    /// <summary>Facts: <c>rc</c>, <c>trait0</c>, ... Keys are unique.</summary>
    public IReadOnlyList<DriverAttribute> Attributes { get; init; } = [];
    /// <summary>What it can hand to virtual machines.</summary>
    public IReadOnlyList<DriverAttachHandle> AttachHandles { get; init; } = [];
    /// <summary>The driver's own name for itself, e.g. <c>NVIDIA</c>.</summary>
    public string? DriverName { get; init; }
}

/// <summary>A fact about a deployable (upstream: driver_attribute.py).</summary>
/// <param name="Key">Name of the fact.</param>
/// <param name="Value">The fact.</param>
public sealed record DriverAttribute(string Key, string Value);

/// <summary>What a virtual machine can be given (upstream: driver_attach_handle.py). Its info is an identity key within its deployable,
/// compared byte for byte: JSON with sorted keys and the separators <c>", "</c> and <c>": "</c>, 255 characters at most.</summary>
/// <param name="Type">Kind of handle.</param>
/// <param name="Info">JSON text that Nova reads as <c>attach_handle_info</c>.</param>
/// <param name="HostWork">True if attaching and detaching it needs work on the host, which the driver then does (a mediated device has to be made;
/// a PCI function is taken by the hypervisor itself).</param>
public sealed record DriverAttachHandle(AttachHandleType Type, string Info, bool HostWork = false);

/// <summary>What one driver found in one cycle.</summary>
/// <param name="Driver">Entry name as in <c>[agent] enabled_drivers</c>, e.g. <c>fake_driver</c>.</param>
/// <param name="Devices">What it found; null if its discovery failed, so that nothing of it is added or removed.</param>
public sealed record DriverDiscovery(string Driver, IReadOnlyList<DriverDevice>? Devices);
