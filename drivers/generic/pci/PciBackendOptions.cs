namespace Cyborg.Drivers.Generic.Pci;

/// <summary>What the PCI backend reads and which devices it offers.</summary>
public sealed record PciBackendOptions
{
    /// <summary>The agent's host; begins the deployables' names.</summary>
    public required string Host { get; init; }
    /// <summary>Where sysfs is; <c>/sys</c>.</summary>
    public string SysfsRoot { get; init; } = "/sys";
    /// <summary>Devices to offer; the first that matches a device counts. None: nothing is offered.</summary>
    public IReadOnlyList<PciDeviceSpec> Specs { get; init; } = [];
}
