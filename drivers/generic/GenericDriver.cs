using Cyborg.Drivers.Generic.Pci;
using Cyborg.Model;

namespace Cyborg.Drivers.Generic;

/// <summary>The hardware-agnostic driver of the Pike proposal (generic-driver-cyborg): finds accelerators through its backends by what the kernel says of
/// them. A model for vendors' drivers, and enough for cards that need nothing but being handed to a virtual machine.</summary>
public sealed class GenericDriver : IAcceleratorDriver
{
    /// <summary>Entry name.</summary>
    public const string EntryName = "generic_driver";

    // Another backend is a class beside the PCI one, a part of the options, and a line here.
    private static readonly SortedDictionary<string, Func<GenericDriverOptions, IGenericBackend>> Backends = new(StringComparer.Ordinal)
    {
        [PciBackend.BackendName] = options => new PciBackend(options.Pci),
    };

    private readonly IReadOnlyList<IGenericBackend> _backends;

    /// <summary>Makes the driver with its enabled backends.</summary>
    /// <exception cref="DriverException">A backend is unknown.</exception>
    public GenericDriver(GenericDriverOptions options) => _backends =
    [
        .. options.EnabledBackends.Distinct(StringComparer.Ordinal).Select(name => Backends.TryGetValue(name, out var make)
            ? make(options)
            : throw new DriverException($"unknown backend '{name}'; known backends: {string.Join(", ", KnownBackends)}")),
    ];

    /// <summary>Names of the backends there are, sorted.</summary>
    public static IReadOnlyList<string> KnownBackends => [.. Backends.Keys];

    /// <inheritdoc/>
    public string Name => EntryName;

    /// <summary>Asks each backend in turn. If one cannot tell, the driver cannot tell: a part would read as if the rest had vanished.</summary>
    public async Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken)
    {
        var devices = new List<DriverDevice>();
        var problems = new List<DiscoveryProblem>();
        foreach (var backend in _backends)
        {
            var found = await backend.DiscoverAsync(cancellationToken).ConfigureAwait(false);
            devices.AddRange(found.Devices);
            problems.AddRange(found.Problems);
        }
        return new DriverFindings(devices, problems);
    }

    /// <inheritdoc/>
    public Task<DriverOutcome> InstallAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        ByOwner(device, backend => backend.InstallAsync(device, cancellationToken));

    /// <inheritdoc/>
    public Task<DriverOutcome> UninstallAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        ByOwner(device, backend => backend.UninstallAsync(device, cancellationToken));

    /// <inheritdoc/>
    public Task<DriverOutcome> ProgramAsync(DriverControlPath device, string imagePath, CancellationToken cancellationToken) =>
        ByOwner(device, backend => backend.ProgramAsync(device, imagePath, cancellationToken));

    /// <inheritdoc/>
    public Task<DriverOutcome> AttachAsync(DriverControlPath device, DriverAttachHandle handle, Guid arq, CancellationToken cancellationToken) =>
        ByOwner(device, backend => backend.AttachAsync(device, handle, arq, cancellationToken));

    /// <inheritdoc/>
    public Task<DriverOutcome> DetachAsync(DriverControlPath device, DriverAttachHandle handle, Guid arq, CancellationToken cancellationToken) =>
        ByOwner(device, backend => backend.DetachAsync(device, handle, arq, cancellationToken));

    /// <inheritdoc/>
    public Task<DriverOutcome> ProbeAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        ByOwner(device, backend => backend.ProbeAsync(device, cancellationToken));

    private Task<DriverOutcome> ByOwner(DriverControlPath device, Func<IGenericBackend, Task<DriverOutcome>> operation) =>
        _backends.FirstOrDefault(backend => backend.Owns(device)) is { } owner
            ? operation(owner)
            : Task.FromResult(DriverOutcome.Failed($"No enabled backend of {EntryName} knows the device {device.CpidInfo}."));
}
