using Cyborg.Drivers.Generic.Mdev;
using Cyborg.Drivers.Generic.Pci;
using Cyborg.Drivers.Generic.Static;
using Cyborg.Model;

namespace Cyborg.Drivers.Generic;

/// <summary>The hardware-agnostic driver of the Pike proposal (generic-driver-cyborg): any number of backends, each of which finds accelerators in its own
/// way. It joins what they find and passes each piece of work to the backend whose device it is about. A model for vendors' drivers, and enough
/// for cards that need nothing but being handed to a virtual machine.</summary>
public sealed class GenericDriver : IBackendDriver, IProvisioningDriver, IHostAttachDriver, IUsageDriver
{
    /// <summary>Entry name.</summary>
    public const string EntryName = "generic_driver";

    private readonly IReadOnlyList<BackendWatch> _backends;
    private readonly string? _defaultBackend;

    /// <summary>Makes the driver with its backends.</summary>
    /// <exception cref="DriverException">The options are wrong, see <see cref="GenericDriverOptions.Fault"/>.</exception>
    public GenericDriver(GenericDriverOptions options)
    {
        if (options.Fault() is { } fault)
            throw new DriverException(fault);
        _backends = [.. options.Backends.Select(backend => new BackendWatch(Make(backend), backend.Kind))];
        _defaultBackend = options.DefaultBackend
            ?? _backends.FirstOrDefault(watch => watch.Backend is IProvisioningDriver)?.Name;
    }

    /// <summary>Kinds of backends, sorted. Another kind is a class beside these, a record of options, a line here and one in <see cref="Make"/>.</summary>
    public static IReadOnlyList<string> KnownKinds { get; } = [MdevBackend.BackendKind, PciBackend.BackendKind, StaticBackend.BackendKind];

    /// <inheritdoc/>
    public string Name => EntryName;

    /// <inheritdoc/>
    public IReadOnlyList<DriverBackend> Backends => [.. _backends.Select(watch => watch.Description)];

    /// <inheritdoc/>
    public IReadOnlyList<string> ProvisioningBackends =>
        [.. _backends.Where(watch => watch.Backend is IProvisioningDriver).Select(watch => watch.Name).OrderByDescending(name => name == _defaultBackend)];

    /// <inheritdoc/>
    public string? BackendOf(DriverControlPath device) => OwnerOf(device)?.Name;

    /// <summary>Asks each backend in turn. One that cannot tell is told as a problem, and its devices stay as it last told them; if it never did, the driver
    /// cannot tell either: a part would read as if the rest had vanished. Of two backends that find one device the first has it.</summary>
    public async Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var findings = new JoinedFindings();
        DriverException? failure = null;
        var told = false;
        foreach (var watch in _backends)
        {
            try
            {
                findings.Add(watch.Name, await watch.DiscoverAsync(cancellationToken).ConfigureAwait(false));
                told = true;
            }
            catch (DriverException e)
            {
                failure ??= new DriverException($"backend {watch.Name}: {e.Message}", e);
                if (watch.LastGood is not { } known)
                    throw failure;
                findings.Add(watch.Name, known with { Problems = [.. known.Problems, new DiscoveryProblem($"backend {watch.Name}", e.Message)] });
            }
        }
        return failure is null || told ? findings.ToFindings() : throw failure;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BackendServices>> DiscoverServicesAsync(CancellationToken cancellationToken)
    {
        var services = new List<BackendServices>();
        foreach (var watch in _backends)
            services.Add(await watch.DiscoverServicesAsync(cancellationToken).ConfigureAwait(false));
        return services;
    }

    /// <inheritdoc/>
    public Task<DriverOutcome> InstallAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        AtOwner(device, backend => backend.InstallAsync(device, cancellationToken));

    /// <inheritdoc/>
    public Task<DriverOutcome> UninstallAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        AtOwner(device, backend => backend.UninstallAsync(device, cancellationToken));

    /// <inheritdoc/>
    public Task<DriverOutcome> ProgramAsync(DriverControlPath device, string imagePath, CancellationToken cancellationToken) =>
        AtOwner(device, backend => backend.ProgramAsync(device, imagePath, cancellationToken));

    /// <inheritdoc/>
    public Task<DriverOutcome> AttachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        AtOwner(device, handle, backend => backend.AttachAsync(device, handle, use, cancellationToken));

    /// <inheritdoc/>
    public Task<DriverOutcome> DetachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        AtOwner(device, handle, backend => backend.DetachAsync(device, handle, use, cancellationToken));

    /// <inheritdoc/>
    public Task<DriverOutcome> ProbeAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        AtOwner(device, backend => backend.ProbeAsync(device, cancellationToken));

    /// <inheritdoc/>
    public Task<DriverOutcome> AttachToHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        AtOwner(device, handle, backend => backend is IHostAttachDriver host
            ? host.AttachToHostAsync(device, handle, use, cancellationToken)
            : Task.FromResult(DriverOutcome.NotSupported($"Accelerators of backend {backend.Name} are not attached to hosts.")));

    /// <inheritdoc/>
    public Task<DriverOutcome> DetachFromHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        AtOwner(device, handle, backend => backend is IHostAttachDriver host
            ? host.DetachFromHostAsync(device, handle, use, cancellationToken)
            : Task.FromResult(DriverOutcome.NotSupported($"Accelerators of backend {backend.Name} are not attached to hosts.")));

    /// <inheritdoc/>
    public Task<DriverCreation> CreateAsync(string? backend, AcceleratorOrder order, CancellationToken cancellationToken)
    {
        if ((backend ?? _defaultBackend) is not { } name)
            return Task.FromResult(DriverCreation.NotSupported("No enabled backend can make accelerators."));
        if (_backends.FirstOrDefault(watch => watch.Name == name) is not { } chosen)
            return Task.FromResult(DriverCreation.Failed($"There is no backend '{name}' here, but {string.Join(", ", _backends.Select(watch => watch.Name))}."));
        return chosen.Backend is IProvisioningDriver provisioning
            ? provisioning.CreateAsync(name, order, cancellationToken)
            : Task.FromResult(DriverCreation.NotSupported($"Accelerators of backend {name} are found, not made."));
    }

    /// <inheritdoc/>
    public Task<DriverOutcome> UpdateAsync(DriverControlPath device, AcceleratorSpec spec, CancellationToken cancellationToken) =>
        AtOwner(device, backend => backend is IProvisioningDriver provisioning
            ? provisioning.UpdateAsync(device, spec, cancellationToken)
            : Task.FromResult(DriverOutcome.NotSupported($"Accelerators of backend {backend.Name} are what the hardware is.")));

    /// <inheritdoc/>
    public Task<DriverOutcome> DeleteAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        AtOwner(device, backend => backend is IProvisioningDriver provisioning
            ? provisioning.DeleteAsync(device, cancellationToken)
            : Task.FromResult(DriverOutcome.NotSupported($"Accelerators of backend {backend.Name} are found, not made.")));

    /// <summary>What those backends can tell that measure at all.</summary>
    public async Task<IReadOnlyList<DriverUsage>> MeasureAsync(CancellationToken cancellationToken)
    {
        var usage = new List<DriverUsage>();
        foreach (var backend in _backends.Select(watch => watch.Backend).OfType<IUsageDriver>())
        {
            try
            {
                usage.AddRange(await backend.MeasureAsync(cancellationToken).ConfigureAwait(false));
            }
            catch (DriverException)
            {
                // Nothing is known of its devices now; a discovery tells why.
            }
        }
        return [.. usage.DistinctBy(one => one.Device)];
    }

    private static IGenericBackend Make(GenericBackendOptions options) => options switch
    {
        PciBackendOptions pci => new PciBackend(pci),
        MdevBackendOptions mdev => new MdevBackend(mdev),
        StaticBackendOptions inventory => new StaticBackend(inventory),
        _ => throw new DriverException($"unknown kind of backend '{options.Kind}'; known kinds: {string.Join(", ", KnownKinds)}"),
    };

    // Who has found it comes before who could: two backends may look at the same addresses and choose by what they see there.
    private BackendWatch? OwnerOf(DriverControlPath device) =>
        _backends.FirstOrDefault(watch => watch.HasFound(device)) ?? _backends.FirstOrDefault(watch => watch.Backend.Owns(device));

    private Task<DriverOutcome> AtOwner(DriverControlPath device, Func<IGenericBackend, Task<DriverOutcome>> work) =>
        OwnerOf(device) is { } owner
            ? work(owner.Backend)
            : Task.FromResult(DriverOutcome.Failed($"No enabled backend of {EntryName} knows the device {device.CpidInfo}."));

    // A handle says by its type whose work it is, also when the options have changed since and another backend owns the device, or none does. Were it
    // passed on all the same, a mediated device would be left behind and told as gone.
    private Task<DriverOutcome> AtOwner(DriverControlPath device, DriverAttachHandle handle, Func<IGenericBackend, Task<DriverOutcome>> work)
    {
        if (handle.Type != AttachHandleType.MDEV || OwnerOf(device)?.Description.Kind == MdevBackend.BackendKind)
            return AtOwner(device, work);
        return _backends.FirstOrDefault(watch => watch.Description.Kind == MdevBackend.BackendKind) is { } able
            ? work(able.Backend)
            : Task.FromResult(DriverOutcome.Failed($"No enabled backend of {EntryName} has mediated devices."));
    }
}
