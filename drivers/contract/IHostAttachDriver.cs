using Cyborg.Model;

namespace Cyborg.Drivers;

/// <summary>A driver that attaches accelerators to the host itself, as os-brick does with volumes. To a virtual machine it is the hypervisor that
/// attaches; see <see cref="IAcceleratorDriver.AttachAsync"/> for the host's part of that.</summary>
public interface IHostAttachDriver : IAcceleratorDriver
{
    /// <summary>Makes a handle usable by programs of this host. A second call for the same use changes nothing; one for another ARQ fails. A failed one
    /// leaves things as they were.</summary>
    Task<DriverOutcome> AttachToHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken);

    /// <summary>Puts back what <see cref="AttachToHostAsync"/> found; a second call changes nothing, and one without the first neither; what another ARQ has
    /// stays, and the call fails.</summary>
    Task<DriverOutcome> DetachFromHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken);
}
