using System.Collections.Concurrent;
using Cyborg.Drivers.Generic.Pci;
using Cyborg.Model;

namespace Cyborg.Drivers.Generic.Mdev;

/// <summary>Offers mediated devices (vGPUs): finds the parents and types that the options name under <c>/sys/class/mdev_bus</c>, makes a device when its
/// handle is attached and removes it when the handle is detached (upstream: the vGPU part of the NVIDIA driver).</summary>
/// <remarks>The kernel's own state is the only state. A device is named by its handle's uuid, so both operations see by themselves whether they
/// have been done before; the kernel does not know accelerator requests, and the agent's journal keeps their order.</remarks>
internal sealed class MdevBackend(MdevBackendOptions options) : IGenericBackend, IHostAttachDriver, IUsageDriver
{
    public const string BackendKind = "mdev";

    private readonly SysfsPci _pci = new(options.SysfsRoot);
    private readonly SysfsMdev _sysfs = new(options.SysfsRoot);
    private readonly SortedDictionary<PciAddress, string> _types = new(
        options.Types.SelectMany(type => type.Parents.Select(parent => (parent, type.Name))).ToDictionary(pair => pair.parent, pair => pair.Name));

    // While a device is made or removed, the counts of its parent are not those of any moment.
    private readonly ConcurrentDictionary<PciAddress, SemaphoreSlim> _gates = new();

    public string Name => options.Name;

    public bool Owns(DriverControlPath device) =>
        device.CpidType == "PCI" && PciAddress.TryParseInfo(device.CpidInfo, out var parent) && _types.ContainsKey(parent);

    public async Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_types.Count == 0)
            return DriverFindings.None;
        if (!_sysfs.IsThere)
            throw new DriverException($"There is no sysfs at {options.SysfsRoot}.");
        var devices = new List<DriverDevice>();
        var problems = new List<DiscoveryProblem>();
        foreach (var (parent, type) in _types)
        {
            using var turn = await TurnAsync(parent, cancellationToken).ConfigureAwait(false);
            if (Look(parent, type) is { } fault)
                problems.Add(new DiscoveryProblem(parent.ToString(), fault));
            else
                Describe(parent, type, devices, problems);
        }
        return new DriverFindings(devices, problems);
    }

    public Task<DriverOutcome> InstallAsync(DriverControlPath device, CancellationToken cancellationToken) => LookAsync(device, cancellationToken);

    public Task<DriverOutcome> UninstallAsync(DriverControlPath device, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(DriverOutcome.Done);
    }

    public Task<DriverOutcome> ProbeAsync(DriverControlPath device, CancellationToken cancellationToken) => LookAsync(device, cancellationToken);

    public Task<DriverOutcome> AttachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken)
    {
        if (!MdevHandle.TryParse(handle, out var asked))
            return Task.FromResult(DriverOutcome.Failed($"{handle.Info} names no mediated device."));
        if (_types.GetValueOrDefault(asked.Parent) != asked.Type || !Owns(device))
            return Task.FromResult(DriverOutcome.Failed($"{asked.Parent} does not offer type {asked.Type}."));
        return AtParentAsync(asked.Parent, () => Make(asked, use.Handle), cancellationToken);
    }

    /// <summary>Not only what the options name now: a device of a type that is offered no more has to go, too.</summary>
    public Task<DriverOutcome> DetachAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        MdevHandle.TryParse(handle, out var asked)
            ? AtParentAsync(asked.Parent, () => Remove(asked, use.Handle), cancellationToken)
            : Task.FromResult(DriverOutcome.Failed($"{handle.Info} names no mediated device."));

    /// <summary>The same as for a virtual machine: a mediated device is there for whoever opens it.</summary>
    public Task<DriverOutcome> AttachToHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        AttachAsync(device, handle, use, cancellationToken);

    public Task<DriverOutcome> DetachFromHostAsync(DriverControlPath device, DriverAttachHandle handle, HandleUse use, CancellationToken cancellationToken) =>
        DetachAsync(device, handle, use, cancellationToken);

    public async Task<IReadOnlyList<DriverUsage>> MeasureAsync(CancellationToken cancellationToken)
    {
        var usage = new List<DriverUsage>();
        foreach (var (parent, type) in _types)
        {
            using var turn = await TurnAsync(parent, cancellationToken).ConfigureAwait(false);
            try
            {
                var (made, available) = _sysfs.Count(parent, type);
                usage.Add(new DriverUsage(parent.ToControlPath(), new SortedDictionary<string, double>(StringComparer.Ordinal)
                {
                    [UsageFigures.AcceleratorsInUse] = made,
                    [UsageFigures.AcceleratorsTotal] = made + available,
                }));
            }
            catch (SysfsException)
            {
                // Nothing is known of it; a discovery tells why.
            }
        }
        return usage;
    }

    private void Describe(PciAddress parent, string type, List<DriverDevice> devices, List<DiscoveryProblem> problems)
    {
        var where = parent.ToString();
        try
        {
            var function = _pci.Identify(parent);
            var (made, available) = _sysfs.Count(parent, type);
            if (made + available == 0)
            {
                problems.Add(new DiscoveryProblem(where, $"no device of type {type} can be made: devices of another type have its room."));
                return;
            }
            var facts = _pci.Facts(parent, what => problems.Add(new DiscoveryProblem(where, what)));
            var device = MdevDevices.Describe(options.Host, function, facts, type, _sysfs.TypeName(parent, type), made + available);
            if (DeviceRules.Fault(device) is { } fault)
                problems.Add(new DiscoveryProblem(where, fault));
            else
                devices.Add(device);
        }
        catch (SysfsException e)
        {
            problems.Add(new DiscoveryProblem(where, e.Message));
        }
    }

    private Task<DriverOutcome> LookAsync(DriverControlPath device, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!PciAddress.TryParseInfo(device.CpidInfo, out var parent) || !_types.TryGetValue(parent, out var type))
            return Task.FromResult(DriverOutcome.Failed($"{device.CpidInfo} is no parent of mediated devices."));
        return Task.FromResult(Look(parent, type) is { } fault ? DriverOutcome.Failed($"{parent}: {fault}") : DriverOutcome.Done);
    }

    private string? Look(PciAddress parent, string type)
    {
        if (!_pci.Exists(parent))
            return "there is no PCI device.";
        if (!_sysfs.IsParent(parent))
            return "it offers no mediated devices; is its vendor's driver loaded?";
        if (!_sysfs.Offers(parent, type))
            return $"it does not offer type {type}, but {string.Join(", ", _sysfs.Types(parent))}.";
        return null;
    }

    private DriverOutcome Make(MdevHandle asked, Guid uuid)
    {
        var (parent, type) = asked;
        if (_sysfs.Has(parent, type, uuid))
            return DriverOutcome.Done;
        if (_sysfs.Has(uuid))
            return DriverOutcome.Failed($"There is a mediated device {uuid} of another type or parent than {type} of {parent}.");
        if (Look(parent, type) is { } fault)
            return DriverOutcome.Failed($"{parent}: {fault}");
        try
        {
            options.Write(_sysfs.CreateFile(parent, type), uuid.ToString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else may have made it just now.
            if (!_sysfs.Has(parent, type, uuid))
                return DriverOutcome.Failed($"{parent}: the kernel makes no device of type {type}: {Why(e)}.");
        }
        return _sysfs.Has(parent, type, uuid)
            ? DriverOutcome.Done
            : DriverOutcome.Failed($"{parent}: the kernel took the order for a device of type {type}, and there is none.");
    }

    private DriverOutcome Remove(MdevHandle asked, Guid uuid)
    {
        var (parent, type) = asked;
        if (!_sysfs.Has(parent, type, uuid))
            return _sysfs.Has(uuid) && _sysfs.IsParent(parent)
                ? DriverOutcome.Failed($"The mediated device {uuid} is of another type or parent than {type} of {parent}; it stays.")
                : DriverOutcome.Done;
        try
        {
            options.Write(_sysfs.RemoveFile(parent, type, uuid), "1");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_sysfs.Has(parent, type, uuid))
                return DriverOutcome.Failed($"{parent}: the kernel does not remove the mediated device {uuid}: {Why(e)}.");
        }
        return _sysfs.Has(parent, type, uuid)
            ? DriverOutcome.Failed($"{parent}: the mediated device {uuid} is still there after its removal; something holds it.")
            : DriverOutcome.Done;
    }

    // On a thread of its own: the kernel's vendor drivers take their time.
    private async Task<DriverOutcome> AtParentAsync(PciAddress parent, Func<DriverOutcome> work, CancellationToken cancellationToken)
    {
        using var turn = await TurnAsync(parent, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return await Task.Run(work, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<Turn> TurnAsync(PciAddress parent, CancellationToken cancellationToken)
    {
        var gate = _gates.GetOrAdd(parent, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(gate);
    }

    private static string Why(Exception e) =>
        e is UnauthorizedAccessException ? "the agent has not the right to ask" : e.Message.Split(" : ")[0].TrimEnd('.', ' ');

    private readonly struct Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
