using Cyborg.Model;

namespace Cyborg.Drivers;

/// <summary>What a driver is: it knows hardware and nothing else: no bus, no database, no Keystone, no configuration file. It takes a sealed options
/// record when it is made. Only <see cref="Name"/> and <see cref="DiscoverAsync"/> have to be written; the rest has an honest default
/// (upstream: cyborg/accelerator/drivers/driver.py, GenericDriver). What only some drivers can do is an interface beside this one:
/// <see cref="IBackendDriver"/>, <see cref="IProvisioningDriver"/>, <see cref="IHostAttachDriver"/>, <see cref="IUsageDriver"/>.</summary>
/// <remarks>The agent runs one discovery of a driver at a time and one install, uninstall or programming per device at a time; work on different
/// devices may run at once, and so may attaching and detaching different handles of one device. A discovery has a time limit: end it soon when its
/// token is cancelled. Every operation may be repeated, after a crash too. A detach may come for a device that discovery no longer finds.</remarks>
public interface IAcceleratorDriver
{
    /// <summary>Entry name, as in <c>[agent] enabled_drivers</c>, e.g. <c>fake_driver</c>.</summary>
    string Name { get; }

    /// <summary>Finds the host's devices. The same hardware gives the same bytes in the same order. A device that cannot be understood is left
    /// out and told as a problem.</summary>
    /// <exception cref="DriverException">Nothing can be said about the host's devices; then none of them is added or removed.</exception>
    Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken);

    /// <summary>Makes a device fit for use; a second call changes nothing. By default there is nothing to do.</summary>
    Task<DriverOutcome> InstallAsync(DriverControlPath device, CancellationToken cancellationToken) => Task.FromResult(DriverOutcome.Done);

    /// <summary>Undoes <see cref="InstallAsync"/>; a second call changes nothing. By default there is nothing to do.</summary>
    Task<DriverOutcome> UninstallAsync(DriverControlPath device, CancellationToken cancellationToken) => Task.FromResult(DriverOutcome.Done);

    /// <summary>Programs a device with the image in a file. <see cref="DriverOutcomeKind.Done"/> means that the device now runs the image.
    /// By default the driver cannot do it.</summary>
    Task<DriverOutcome> ProgramAsync(DriverControlPath device, string imagePath, CancellationToken cancellationToken) =>
        Task.FromResult(DriverOutcome.NotSupported($"{Name} does not program devices."));

    /// <summary>Attaches a handle that was reported with <see cref="DriverAttachHandle.HostWork"/>: makes the mediated device, for example. A second
    /// call for the same use changes nothing; one for another ARQ fails, if the hardware can tell whose the handle is. A failed one leaves
    /// nothing behind. By default there is nothing to do.</summary>
    Task<DriverOutcome> AttachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        Task.FromResult(DriverOutcome.Done);

    /// <summary>Undoes <see cref="AttachAsync"/>; a second call changes nothing, and one without the first neither; what another ARQ has stays, and the
    /// call fails, if the hardware can tell. By default there is nothing to do.</summary>
    Task<DriverOutcome> DetachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        Task.FromResult(DriverOutcome.Done);

    /// <summary>Looks whether an installed device is healthy, without changing it. By default it is.</summary>
    Task<DriverOutcome> ProbeAsync(DriverControlPath device, CancellationToken cancellationToken) => Task.FromResult(DriverOutcome.Done);
}
