using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Drivers.Generic.Static;

/// <summary>Offers accelerators that no kernel shows: those in a rack, reached over the network. They are what the operator's inventory says, and what was
/// created through the API, which the backend keeps in a file of its own.</summary>
/// <remarks>There is nothing to do on the host when one is attached. The inventory is read anew at each discovery; while it is wrong, the devices stay as
/// they were.</remarks>
internal sealed class StaticBackend(StaticBackendOptions options) : IGenericBackend, IProvisioningDriver, IHostAttachDriver
{
    public const string BackendKind = "static";

    private readonly StaticState? _state = options.StateFolder is { } folder ? new StaticState(folder, options.Name) : null;
    private readonly Lock _gate = new();

    public string Name => options.Name;

    public bool Owns(DriverControlPath device) => IdOf(device) is not null;

    public async Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await LockedAsync(() =>
        {
            var devices = new List<DriverDevice>();
            var problems = new List<DiscoveryProblem>();
            foreach (var accelerator in All())
            {
                var device = accelerator.ToDevice(options.Host, Name);
                if (DeviceRules.Fault(device) is { } fault)
                    problems.Add(new DiscoveryProblem(accelerator.Id, fault));
                else
                    devices.Add(device);
            }
            return new DriverFindings(devices, problems);
        }, cancellationToken).ConfigureAwait(false);
    }

    public Task<DriverOutcome> InstallAsync(DriverControlPath device, CancellationToken cancellationToken) => LookAsync(device, cancellationToken);

    public Task<DriverOutcome> UninstallAsync(DriverControlPath device, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(DriverOutcome.Done);
    }

    public Task<DriverOutcome> ProbeAsync(DriverControlPath device, CancellationToken cancellationToken) => LookAsync(device, cancellationToken);

    public Task<DriverOutcome> AttachToHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        LookAsync(device, cancellationToken);

    public Task<DriverOutcome> DetachFromHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        Task.FromResult(DriverOutcome.Done);

    public async Task<DriverCreation> CreateAsync(string? backend, AcceleratorOrder order, CancellationToken cancellationToken)
    {
        if (order.Name.Length is 0 or > StaticAccelerator.MaxText)
            return DriverCreation.Failed($"A name takes 1 to {StaticAccelerator.MaxText} characters.");
        if (order.Spec.Fault() is { } fault)
            return DriverCreation.Failed(fault);
        if (_state is null)
            return DriverCreation.NotSupported($"Backend {Name} has no folder for accelerators that are created.");
        return await TryAsync(() => Create(order), DriverCreation.Failed, cancellationToken).ConfigureAwait(false);
    }

    public async Task<DriverOutcome> UpdateAsync(DriverControlPath device, AcceleratorSpec spec, CancellationToken cancellationToken)
    {
        if (spec.Fault() is { } fault)
            return DriverOutcome.Failed(fault);
        return await TryAsync(() => Update(device, spec), DriverOutcome.Failed, cancellationToken).ConfigureAwait(false);
    }

    public Task<DriverOutcome> DeleteAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        TryAsync(() => Delete(device), DriverOutcome.Failed, cancellationToken);

    private DriverCreation Create(AcceleratorOrder order)
    {
        var created = _state!.Read();
        var path = StaticAccelerator.PathOf(Name, order.Uuid.ToString());
        if (created.Any(known => known.Uuid == order.Uuid))
            return DriverCreation.Done(path);
        var all = All();
        if (all.Any(known => known.Id == order.Uuid.ToString()))
            return DriverCreation.Failed($"An accelerator of the inventory has the id {order.Uuid}.");
        if (all.Any(known => (known.Name ?? known.Id) == order.Name))
            return DriverCreation.Failed($"Backend {Name} has an accelerator of the name '{order.Name}' already.");
        if (DeviceRules.Fault(StaticAccelerator.Of(order).ToDevice(options.Host, Name)) is { } fault)
            return DriverCreation.Failed(fault);
        _state.Write([.. created, order]);
        return DriverCreation.Done(path);
    }

    private DriverOutcome Update(DriverControlPath device, AcceleratorSpec spec)
    {
        var created = _state?.Read() ?? [];
        if (created.FirstOrDefault(known => known.Uuid.ToString() == IdOf(device)) is not { } order)
            return NotCreated(device);
        if (order.Spec == spec)
            return DriverOutcome.Done;
        var changed = order with { Spec = spec };
        if (DeviceRules.Fault(StaticAccelerator.Of(changed).ToDevice(options.Host, Name)) is { } fault)
            return DriverOutcome.Failed(fault);
        _state!.Write([.. created.Select(known => known == order ? changed : known)]);
        return DriverOutcome.Done;
    }

    private DriverOutcome Delete(DriverControlPath device)
    {
        var created = _state?.Read() ?? [];
        var others = created.Where(known => known.Uuid.ToString() != IdOf(device)).ToList();
        if (others.Count < created.Count)
            _state!.Write(others);
        else if (Inventory().Any(known => known.Id == IdOf(device)))
            return NotCreated(device);
        return DriverOutcome.Done;
    }

    private DriverOutcome NotCreated(DriverControlPath device) =>
        Inventory().Any(known => known.Id == IdOf(device))
            ? DriverOutcome.NotSupported($"The accelerator '{IdOf(device)}' stands in the inventory of backend {Name}: change it there.")
            : DriverOutcome.Failed($"Backend {Name} has no accelerator '{IdOf(device)}'.");

    private Task<DriverOutcome> LookAsync(DriverControlPath device, CancellationToken cancellationToken) =>
        TryAsync(
            () => All().Any(known => known.Id == IdOf(device))
                ? DriverOutcome.Done
                : DriverOutcome.Failed($"Backend {Name} has no accelerator {device.CpidInfo}."),
            DriverOutcome.Failed, cancellationToken);

    private List<StaticAccelerator> All() => [.. Inventory(), .. (_state?.Read() ?? []).Select(StaticAccelerator.Of)];

    private IReadOnlyList<StaticAccelerator> Inventory()
    {
        if (options.InventoryFile is not { } file)
            return [];
        var (accelerators, faults) = StaticInventory.Load(file);
        return faults.Count == 0 ? accelerators : throw new DriverException(string.Join("; ", faults) + ".");
    }

    private string? IdOf(DriverControlPath device)
    {
        try
        {
            using var info = JsonDocument.Parse(device.CpidInfo);
            return info.RootElement.ValueKind == JsonValueKind.Object
                && info.RootElement.TryGetProperty("backend", out var backend) && backend.ValueKind == JsonValueKind.String && backend.GetString() == Name
                && info.RootElement.TryGetProperty("accelerator", out var id) && id.ValueKind == JsonValueKind.String
                ? id.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<T> TryAsync<T>(Func<T> work, Func<string, T> failed, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await LockedAsync(work, cancellationToken).ConfigureAwait(false);
        }
        catch (DriverException e)
        {
            return failed(e.Message);
        }
    }

    // Files may lie on a network's disk: never on the caller's thread.
    private Task<T> LockedAsync<T>(Func<T> work, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            lock (_gate)
                return work();
        }, cancellationToken);
}
