using Cyborg.Attach;

namespace Cyborg.Drivers.Generic.Pci;

/// <summary>What the PCI backend reads and which devices it offers.</summary>
public sealed record PciBackendOptions() : GenericBackendOptions(PciBackend.BackendKind)
{
    /// <summary>Where sysfs is; <c>/sys</c>.</summary>
    public string SysfsRoot { get; init; } = "/sys";
    /// <summary>Devices to offer; the first that matches a device counts. None: nothing is offered.</summary>
    public IReadOnlyList<PciDeviceSpec> Specs { get; init; } = [];
    /// <summary>Kernel driver that a function gets when it is attached to the host; null for its own.</summary>
    public string? HostDriver { get; init; }
    /// <summary>Folder, an absolute path, for notes of what was found before functions were attached to the host; null: nothing is attached to the host.</summary>
    public string? AttachFolder { get; init; }
    /// <summary>Makes what binds functions; a test's kernel comes in here.</summary>
    internal Func<PciBinderOptions, PciBinder> Binder { get; init; } = binder => new PciBinder(binder);

    /// <summary>True if a kernel driver can have this name.</summary>
    public static bool IsDriverName(string name) => PciTarget.IsDriverName(name);
}
