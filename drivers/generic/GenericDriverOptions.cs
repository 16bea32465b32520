using Cyborg.Drivers.Generic.Pci;

namespace Cyborg.Drivers.Generic;

/// <summary>What the generic driver looks at. Each backend has its own part; only the enabled ones are read.</summary>
public sealed record GenericDriverOptions
{
    /// <summary>Backends in use, from <see cref="GenericDriver.KnownBackends"/>; <c>pci</c>.</summary>
    public IReadOnlyList<string> EnabledBackends { get; init; } = [PciBackend.BackendName];

    /// <summary>The PCI backend's part.</summary>
    public required PciBackendOptions Pci { get; init; }
}
